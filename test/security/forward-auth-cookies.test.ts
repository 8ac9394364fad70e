/** Forward authentication: forged, borrowed and foreign cookies at `/auth/verify`. */
import { describe, expect, it } from "vitest";
import { appSecret } from "../support/app-secret.js";
import {
  BEHIND_A_PROXY,
  bothCookies,
  forwardCookieFrom,
  sentTo,
  signedIn,
  signedInByHttps,
  verify,
} from "../support/forward.js";
import { expectNobody } from "../support/forward-refused.js";
import { ask, bytesOf } from "../support/raw-request.js";
import { addAccount, pendingCookie, setUp, signIn } from "../support/sign-in.js";
import { MINUTE, openWorld, sharedDataDir, type World } from "../support/world.js";

describe("a cookie at /auth/verify", () => {
  it("lets nobody through when it is a pending login's, under either name and however signed", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const cookie = await pendingCookie(world);
    const { idHash } = (await stateOf(world, cookie)) ?? { idHash: "" };
    expect(idHash).toMatch(/^[\w-]{43}$/);
    await expectNobody(world, cookie);
    await expectNobody(world, forwardedOf(world, idHash));
  });

  it("lets nobody through when it is forged, cut, swapped, doubled or blown up", async () => {
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
      // Two live sessions of different people: which is the browser's cannot be known.
      `${theirs.forward}; ${forward}`,
      `${forward}; ${Array.from({ length: 5 }, (_, n) => `latchkey_forward=${n}`).join("; ")}`,
      // A pending login overrules a session.
      `${await pendingCookie(world)}; ${forward}`,
    ];
    for (const cookie of malformed) await expectNobody(world, cookie);
    for (const cookie of [host, forward]) expect((await verify(world, { cookie })).status).toBe(200);
  });

  it("changes nothing when it lies beside the browser's own", async () => {
    const { world, host, forward } = await signedIn();
    // Left by a change of COOKIE_DOMAIN, set by another host of the domain, or given by another Latchkey.
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

  it("stands for the newer session when one person has two", async () => {
    const { world, forward: older, secret } = await signedIn();
    world.advance(MINUTE);
    const laptop = world.visitor();
    await signIn(world, laptop, secret);
    const { forward: newer } = await bothCookies(laptop);
    for (const cookie of [`${older}; ${newer}`, `${newer}; ${older}`]) {
      expect((await verify(world, { cookie, query: "max_age=45" })).status).toBe(200);
    }
    expect((await verify(world, { cookie: older, query: "max_age=45" })).status).toBe(401);
  });

  it("opens no page of ours when it is the one for sub-domains", async () => {
    const { world, forward } = await signedIn();
    const asLatchkey = forward.replace("latchkey_forward=", "latchkey=");
    const rows = world.urls.pages;
    expect(rows.length).toBeGreaterThan(20);
    // The cookie can also sign out: that comes last.
    const signsOut = ([method, path]: (typeof rows)[number]) => method === "POST" && path === "/logout";
    for (const row of [...rows.filter((one) => !signsOut(one)), ...rows.filter(signsOut)]) {
      const [method, path] = row;
      if (path === "/login" && method === "POST") continue; // takes the cookie back: tested in forward-cookie.test.ts
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

  it("lets nobody through when it is one of plain HTTP and BASE_URL is https", async () => {
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

  it("counts while an older key is listed, and no more once that key is dropped", async () => {
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

/** What a session cookie stands for. */
async function stateOf(world: World, cookie: string) {
  const id =
    decodeURIComponent(cookie)
      .replace(/^latchkey=s:/, "")
      .split(".", 1)[0] ?? "";
  const state = await world.auth.findSession(id);
  return state && "idHash" in state ? state : undefined;
}

/** The cookie for sub-domains that this server would sign for a row, whatever its kind. */
function forwardedOf(world: World, idHash: string): string {
  return `latchkey_forward=${world.auth.forwardToken({ idHash })}`;
}
