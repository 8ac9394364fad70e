/** Forward authentication: cookies, headers and addresses that try to be let through to an app, or to lead people elsewhere. */
import { describe, expect, it } from "vitest";
import { appSecret } from "../support/app-secret.js";
import { heldBy } from "../support/cookies.js";
import {
  BEHIND_A_PROXY,
  bothCookies,
  forwardCookieFrom,
  sentTo,
  signedIn,
  signedInByHttps,
  verify,
  WANTED,
  withNext,
} from "../support/forward.js";
import { ask, bytesOf } from "../support/raw-request.js";
import { addAccount, pendingCookie, setUp, setUpWithSheet, signIn } from "../support/sign-in.js";
import { MINUTE, openWorld, sharedDataDir, type World } from "../support/world.js";

const LOGIN = "http://sign-in.example.org/login";

/** Nobody is let through by it, nobody is told anything, and no cookie is set. */
async function expectNobody(
  world: Pick<World, "port">,
  cookie: string,
  headers: Record<string, string> = {},
) {
  const what = cookie.slice(0, 200);
  for (const query of ["", "redirect=1", "max_age=999999999&methods=totp"]) {
    const answer = await verify(world, { cookie, headers, query, wanted: WANTED });
    expect(answer.status, what).toBe(query === "redirect=1" ? 302 : 401);
    if (answer.status === 302) expect(answer.headers.location, what).toBe(`${LOGIN}${withNext(WANTED)}`);
    expect(answer.headers["set-cookie"], what).toBeUndefined();
    expect(
      Object.keys(answer.headers).filter((name) => /^(remote-|cookie)/.test(name)),
      what,
    ).toEqual([]);
  }
}

describe("a cookie", () => {
  it("of a pending login is nobody's, by whichever name and however it is signed", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const cookie = await pendingCookie(world);
    const { idHash } = (await stateOf(world, cookie)) ?? { idHash: "" };
    expect(idHash).toMatch(/^[\w-]{43}$/);
    await expectNobody(world, cookie);
    await expectNobody(world, forwardedOf(world, idHash));
  });

  it("that was forged, cut, swapped, doubled or blown up is nobody's", async () => {
    const { world, host, forward } = await signedIn();
    const other = world.visitor();
    const { username, password } = await addAccount(world, "mallory");
    await setUp(world, other, username, password);
    const theirs = await bothCookies(other);
    const [, hash = "", signature = ""] = /=(.+)\.(.+)$/.exec(forward) ?? [];
    const [, theirHash = ""] = /=(.+)\.(.+)$/.exec(theirs.forward) ?? [];
    const value = (pair: string) => pair.slice(pair.indexOf("=") + 1);
    const malformed = [
      "",
      "latchkey=",
      "latchkey",
      "latchkey=%E0%A4",
      "latchkey=s%3A",
      "latchkey=j%3A%7B%7D",
      "latchkey=s%3A.",
      `latchkey=${"x".repeat(8_000)}`,
      `latchkey=s%3A${"x".repeat(4_000)}.${"x".repeat(4_000)}`,
      host.slice(0, -1),
      `${host}x`,
      host.replace("s%3A", ""),
      host.replace("s%3A", "S%3A"),
      `latchkey=${value(forward)}`,
      `latchkey_forward=${value(host)}`,
      `__Host-${host}`,
      `__Host-${forward}`,
      forward.toUpperCase(),
      forward.slice(0, -1),
      `${forward}.x`,
      `latchkey_forward=${hash}`,
      `latchkey_forward=${hash}.`,
      `latchkey_forward=${hash}.${hash}`,
      `latchkey_forward=${theirHash}.${signature}`,
      `latchkey_forward=${hash}.${"A".repeat(43)}`,
      `latchkey_forward=${"A".repeat(43)}.${signature}`,
      `latchkey_forward=${"x".repeat(8_000)}`,
      forwardedOf(world, "A".repeat(43)),
      `${host}; ${theirs.host}`,
      // Of two sessions that live, which is the browser's cannot be told.
      `${theirs.forward}; ${forward}`,
      `${forward}; ${Array.from({ length: 5 }, (_, n) => `latchkey_forward=${n}`).join("; ")}`,
      // A pending login has the last word.
      `${await pendingCookie(world)}; ${forward}`,
    ];
    for (const cookie of malformed) await expectNobody(world, cookie);
    for (const cookie of [host, forward]) expect((await verify(world, { cookie })).status).toBe(200);
  });

  it("that lies beside the browser's own takes nothing from it and adds nothing to it", async () => {
    const { world, host, forward } = await signedIn();
    // What a change of COOKIE_DOMAIN leaves in browsers, what another host of the domain sets, what another Latchkey gave.
    const dead = forwardedOf(world, "A".repeat(43));
    for (const beside of [
      forward,
      dead,
      "latchkey_forward=",
      "latchkey_forward=x",
      "latchkey=",
      "latchkey=x",
    ]) {
      for (const cookie of [`${forward}; ${beside}`, `${beside}; ${forward}`]) {
        expect([beside, (await verify(world, { cookie })).status]).toEqual([beside, 200]);
      }
    }
    for (const beside of [host, dead, "latchkey=", "latchkey", "latchkey=s%3Ax.y"]) {
      for (const cookie of [`${host}; ${beside}`, `${beside}; ${host}`]) {
        expect([beside, (await verify(world, { cookie })).status]).toEqual([beside, 200]);
      }
    }
    await expectNobody(world, `${dead}; latchkey_forward=x; latchkey=x`);
  });

  it("of two sessions of one person stands for the newer one", async () => {
    const { world, forward: older, secret } = await signedIn();
    world.wait(MINUTE);
    const laptop = world.visitor();
    await signIn(world, laptop, secret);
    const { forward: newer } = await bothCookies(laptop);
    for (const cookie of [`${older}; ${newer}`, `${newer}; ${older}`]) {
      expect((await verify(world, { cookie, query: "max_age=45" })).status).toBe(200);
    }
    expect((await verify(world, { cookie: older, query: "max_age=45" })).status).toBe(401);
  });

  it("for sub-domains opens nothing else: each page answers as to a stranger", async () => {
    const { world, forward } = await signedIn();
    const asLatchkey = forward.replace("latchkey_forward=", "latchkey=");
    const rows = world.urls.pages;
    expect(rows.length).toBeGreaterThan(20);
    // Signing out is the one thing that it is good for besides: that comes last.
    const signsOut = ([method, path]: (typeof rows)[number]) => method === "POST" && path === "/logout";
    for (const row of [...rows.filter((one) => !signsOut(one)), ...rows.filter(signsOut)]) {
      const [method, path] = row;
      if (path === "/login" && method === "POST") continue; // takes the cookie back; tested with the cookie
      if (signsOut(row)) expect((await verify(world, { cookie: forward })).status).toBe(200);
      const sent = { method, path: path.replace(":id", "x") };
      const stranger = bytesOf(await ask(world, sent));
      for (const cookie of [forward, `${forward}; ${asLatchkey}`]) {
        const answer = await ask(world, { ...sent, headers: { cookie } });
        expect(bytesOf(answer), `${method} ${path}`).toEqual(stranger);
      }
    }
    expect((await verify(world, { cookie: forward })).status).toBe(401);
  });

  it("of plain HTTP is nobody's where BASE_URL is https, though a proxy may ask by plain HTTP", async () => {
    const { world, host, forward } = await signedInByHttps();
    const https = { "x-forwarded-proto": "https" };
    for (const cookie of [host, forward]) {
      expect((await verify(world, { cookie, headers: https })).status).toBe(200);
      expect((await verify(world, { cookie })).status).toBe(200);
    }
    const plain = host.replace("__Host-", "");
    expect((await verify(world, { cookie: plain, headers: https })).status).toBe(401);
    const wanted = "http://app.example.org/";
    const sent = await sentTo(world, { cookie: plain, headers: https, wanted });
    expect(sent).toBe("https://sign-in.example.org/login");
  });

  it("signed with an older key still counts, and no more once that key is gone", async () => {
    const DATA_DIR = sharedDataDir();
    const [older, newer] = [appSecret("older"), appSecret("newer")];
    const before = await openWorld({ ...BEHIND_A_PROXY, DATA_DIR, APP_SECRETS: older });
    const visitor = before.visitor();
    await setUp(before, visitor);
    const { host, forward } = await bothCookies(visitor);
    const during = await openWorld({ ...BEHIND_A_PROXY, DATA_DIR, APP_SECRETS: `${newer},${older}` });
    for (const cookie of [host, forward]) expect((await verify(during, { cookie })).status).toBe(200);
    const cookie = `${host}; ${forward}`;
    const renewed = forwardCookieFrom(await ask(during, { path: "/account", headers: { cookie } }));
    await during.auth.rotateKeys();
    const after = await openWorld({ ...BEHIND_A_PROXY, DATA_DIR, APP_SECRETS: newer });
    for (const old of [host, forward]) await expectNobody(after, old);
    expect((await verify(after, { cookie: renewed })).status).toBe(200);
  });
});

describe("what has ended", () => {
  it.each<[string, (session: Awaited<ReturnType<typeof signedIn>>) => PromiseLike<unknown>]>([
    ["logging out", ({ visitor }) => visitor.post("/logout")],
    ["a step-up", ({ world, visitor, secret }) => visitor.confirm("password", world.code(secret))],
    [
      "a password that the operator set",
      ({ world }) => world.auth.setPassword("test", "another long password"),
    ],
    ["closing the account", ({ world }) => world.auth.disableAccount("test")],
    [
      "closing and opening it",
      async ({ world }) => {
        await world.auth.disableAccount("test");
        await world.auth.enableAccount("test");
      },
    ],
    ["a second factor that was reset", ({ world }) => world.auth.resetSecondFactor("test")],
    ["removing the account", ({ world }) => world.auth.removeAccount("test")],
  ])("opens no app from the next question on: by %s", async (_how, end) => {
    const session = await signedIn();
    await end(session);
    for (const cookie of [session.host, session.forward]) await expectNobody(session.world, cookie);
  });

  it("is seen at once when another browser of the owner ends it, or the database is gone", async () => {
    const { world, visitor, secret, forward } = await signedIn();
    const elsewhere = world.visitor();
    await signIn(world, elsewhere, secret);
    const theirs = await bothCookies(elsewhere);
    await visitor.post("/account/sessions/end-others");
    for (const cookie of [theirs.host, theirs.forward]) await expectNobody(world, cookie);
    expect((await verify(world, { cookie: forward })).status).toBe(200);
    await world.store.close();
    expect((await verify(world, { cookie: forward })).status).toBeGreaterThanOrEqual(500);
  });

  it("is the demo account's session, asked for from where its rule does not hold", async () => {
    for (const which of ["host", "forward"] as const) {
      const session = await signedIn({ DEMO: "" });
      const cookie = session[which];
      expect((await verify(session.world, { cookie })).status).toBe(200);
      await expectNobody(session.world, cookie, { "x-forwarded-for": "203.0.113.9" });
      expect((await verify(session.world, { cookie })).status).toBe(401);
    }
  });
});

describe("a demand", () => {
  it("for a fresh proof is met to the millisecond", async () => {
    const { world, forward: cookie } = await signedIn();
    world.wait(300_000 - 30_000);
    expect((await verify(world, { cookie, query: "max_age=300" })).status).toBe(200);
    world.wait(1);
    expect((await verify(world, { cookie, query: "max_age=300" })).status).toBe(401);
    expect((await verify(world, { cookie, query: "max_age=301" })).status).toBe(200);
  });

  it("is met by no trusted device, and for a code by no recovery code, until the second factor is typed", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const visitor = world.visitor();
    const { secret, codes } = await setUpWithSheet(world, visitor);
    const told = async (query: string) => (await verify(world, { query, cookie: heldBy(visitor) })).status;
    await visitor.post("/logout");
    await visitor.password();
    await visitor.recoveryCode(codes[0] ?? "");
    expect([await told("max_age=300"), await told("methods=totp")]).toEqual([200, 401]);
    await visitor.post("/logout");
    await visitor.password();
    await visitor.code(world.code(secret), { trust_device: "on" });
    world.wait(30_000);
    await visitor.post("/logout");
    await visitor.password();
    expect([await told(""), await told("max_age=999999999"), await told("methods=totp")]).toEqual([
      200, 401, 401,
    ]);
    await visitor.confirm("password", world.code(secret));
    expect([await told("max_age=300"), await told("methods=totp")]).toEqual([200, 200]);
  });

  it("that cannot be read is met by nobody, and leads nowhere", async () => {
    const { world, forward: cookie } = await signedIn();
    const unread = [
      ..."max_age= max_age=0 max_age=-1 max_age=+300 max_age=1e9 max_age=300.5 max_age=9999999999 max_age=abc".split(
        " ",
      ),
      ..."max_age=%20300 max_age=300%0a max_age=300&max_age=999 methods= methods=password methods=TOTP".split(
        " ",
      ),
      ..."methods=totp,password methods=totp&methods=totp redirect= redirect=0 redirect=true".split(" "),
      // What is misspelt was meant to be a demand.
      ..."max_age[]=300 Max_Age=300 maxage=300 method=totp next=/ __proto__=1 =1".split(" "),
      `max_age=0&${"a=1&".repeat(1_200)}`,
      ..."redirect=1&redirect=1 redirect=1&max_age=x redirect=1&methods=webauthn redirect=01".split(" "),
    ];
    for (const query of unread) {
      for (const browser of [cookie, ""]) {
        const { status, headers } = await verify(world, { query, cookie: browser, wanted: WANTED });
        expect({ status, to: headers.location }, query).toEqual({ status: 401, to: undefined });
      }
    }
  });
});

/** What the session cookie stands for, as the product sees it. */
async function stateOf(world: World, cookie: string) {
  const id =
    decodeURIComponent(cookie)
      .replace(/^latchkey=s:/, "")
      .split(".", 1)[0] ?? "";
  const state = await world.auth.findSession(id);
  return state && "idHash" in state ? state : undefined;
}

/** A token that this server would sign for a row, whatever kind it is of. */
function forwardedOf(world: World, idHash: string): string {
  return `latchkey_forward=${world.auth.forwardToken({ idHash })}`;
}
