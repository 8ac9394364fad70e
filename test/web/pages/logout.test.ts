/** /logout: a page that apps can link to, and a button that ends everything that the browser's cookies stand for. */
import { describe, expect, it, vi } from "vitest";
import { cookieHeldBy, heldBy } from "../../support/cookies.js";
import {
  BEHIND_A_PROXY,
  bothCookies,
  forwardCookieFrom,
  forwardLines,
  signedIn,
  verify,
  WANTED,
  withNext,
} from "../../support/forward.js";
import { sqlOn } from "../../support/other-program.js";
import { ask, bytesOf, form } from "../../support/raw-request.js";
import { enrolled, pendingCookie, signIn } from "../../support/sign-in.js";
import { openWorld, type World } from "../../support/world.js";

const nextIn = (text: string) => /name="next" value="([^"]*)"/.exec(text)?.[1]?.replaceAll("&amp;", "&");

const SIGNED_OUT = "/login?notice=signed-out";

/** All that is stored of sign-ins. */
const rows = (world: World) => sqlOn(world, "select * from sessions order by id_hash");

describe("the page", () => {
  it("asks a signed-in person, and a GET changes nothing", async () => {
    const { world, visitor, forward } = await signedIn();
    const before = await rows(world);
    for (const headers of [{}, { "Sec-Purpose": "prefetch" }, { "Sec-Fetch-Site": "cross-site" }]) {
      const { status, text } = await visitor.get("/logout").set(headers);
      expect(status).toBe(200);
      expect(text).toContain("You are signed in as <b>test</b>");
      expect(text).toContain('<form method="post" action="/logout" novalidate>');
    }
    expect(
      (await ask(world, { method: "HEAD", path: "/logout", headers: { cookie: heldBy(visitor) } })).status,
    ).toBe(200);
    expect(await rows(world)).toEqual(before);
    expect((await visitor.get("/account")).status).toBe(200);
    expect((await verify(world, { cookie: forward })).status).toBe(200);
  });

  it("tells a pending login that the second step is still to come", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await visitor.password();
    const { text } = await visitor.get("/logout");
    expect(text).toContain("You are signing in as <b>test</b>, and the second step is still to come");
    expect(text).toContain('href="/login/2fa"');
    expect((await visitor.get("/login/2fa")).status).toBe(200);
  });

  it("says that nobody is signed in, with a way on, and with nothing to end where there are no apps", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const secret = await enrolled(world);
    const over = world.visitor();
    await signIn(world, over, secret);
    const ended = heldBy(over);
    await over.post("/logout");
    for (const cookie of ["", "latchkey=s%3Ax.y", "latchkey_forward=x.y", ended]) {
      const { status, text } = await ask(world, { path: `/logout${withNext(WANTED)}`, headers: { cookie } });
      expect([cookie, status]).toEqual([cookie, 200]);
      expect(text).toContain("<h1>You are not signed in</h1>");
      expect(text).toContain(`href="${WANTED.replace("&", "&amp;")}">Continue</a>`);
    }
    const alone = await openWorld();
    expect((await alone.visitor().get("/logout")).text).not.toContain("<form");
    expect((await world.visitor().get("/logout")).text).toContain(
      '<a class="btn btn-primary" href="/login">Sign in</a>',
    );
  });

  it("offers to end the forward cookie when nothing else is left, without naming anybody", async () => {
    const { world, forward } = await signedIn();
    const withIt = await ask(world, { path: "/logout", headers: { cookie: forward } });
    expect(bytesOf(withIt)).toEqual(bytesOf(await ask(world, { path: "/logout" })));
    expect(withIt.text).toContain("Sign out of all apps");
    const sent = form({ next: WANTED }, { cookie: forward });
    expect((await ask(world, { path: "/logout", ...sent })).headers.location).toBe(WANTED);
    expect((await verify(world, { cookie: forward })).status).toBe(401);
  });

  it("keeps a `next` that may lead on, to an app too, and no other", async () => {
    const { visitor } = await signedIn();
    for (const next of ["/account?a=b", WANTED]) {
      const { text, headers } = await visitor.get(`/logout${withNext(next)}`);
      expect(nextIn(text)).toBe(next);
      expect(headers["content-security-policy"]).toMatch(
        /form-action 'self'[^;]* http:\/\/app\.example\.org/,
      );
    }
    for (const next of [
      "//evil.example",
      "https://evil.example/",
      "javascript:alert(1)",
      `/${"x".repeat(4_000)}`,
    ]) {
      expect(nextIn((await visitor.get(`/logout${withNext(next)}`)).text), next).toBeUndefined();
    }
  });

  it("works without scripts", async () => {
    const { visitor } = await signedIn();
    const { text } = await visitor.get("/logout");
    expect(text).not.toMatch(/<script(?! type="module" src=)/);
    expect(text).toContain("Stay signed in");
  });
});

describe("the button", () => {
  it("leads to `next`, or to the sign-in page, which says so", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const secret = await enrolled(world);
    for (const [next, leadsTo] of [
      [WANTED, WANTED],
      ["/welcome?a=b", "/welcome?a=b"],
      ["", SIGNED_OUT],
      ["//evil.example", SIGNED_OUT],
      ["https://evil.example/", SIGNED_OUT],
      [`/${"x".repeat(4_000)}`, SIGNED_OUT],
    ] as const) {
      const visitor = world.visitor();
      await signIn(world, visitor, secret);
      const answer = await visitor.post("/logout", { next });
      expect([next, answer.status, answer.headers.location]).toEqual([next, 303, leadsTo]);
      expect((await visitor.get("/account")).status).toBe(303);
    }
    const visitor = world.visitor();
    expect((await visitor.post(`/logout${withNext(WANTED)}`)).headers.location).toBe(WANTED);
    expect((await visitor.post("/logout")).headers.location).toBe(SIGNED_OUT);
  });

  it("refuses what another site sent, and a sub-domain", async () => {
    const { world, host } = await signedIn();
    for (const site of ["cross-site", "same-site"]) {
      const sent = form({ next: WANTED }, { cookie: host, "sec-fetch-site": site });
      expect((await ask(world, { path: "/logout", ...sent })).status).toBe(403);
    }
    expect((await verify(world, { cookie: host })).status).toBe(200);
  });
});

describe("signing out", () => {
  /** Sends the form with these cookies; answers with the status and what it takes back. */
  async function signOutWith(world: World, cookie: string) {
    const answer = await ask(world, { path: "/logout", ...form({}, { cookie }) });
    expect([answer.status, answer.headers.location]).toEqual([303, expect.stringContaining(SIGNED_OUT)]);
    return answer;
  }

  it("ends the session by either of its cookies: a copy of the other is then void", async () => {
    for (const left of ["host", "forward", "broken and forward", "both"] as const) {
      const { world, host, forward } = await signedIn();
      const cookie = {
        host,
        forward,
        "broken and forward": `${host.slice(0, -3)}xyz; ${forward}`,
        both: `${host}; ${forward}`,
      }[left];
      const answer = await signOutWith(world, cookie);
      expect(forwardLines(answer)).toEqual([expect.stringContaining("Expires=Thu, 01 Jan 1970")]);
      for (const copy of [host, forward])
        expect([left, (await verify(world, { cookie: copy })).status]).toEqual([left, 401]);
    }
  });

  it("ends all of several sessions, of one person or two, by either cookie", async () => {
    const { world, visitor, secret, host, forward } = await signedIn();
    const other = world.visitor();
    await other.password();
    const answer = await other.code(world.code(secret));
    const theirs = { host: heldBy(other), forward: forwardCookieFrom(answer) };
    world.wait(30_000);
    const third = world.visitor();
    await signIn(world, third, secret);
    const untouched = await bothCookies(third);
    await signOutWith(world, [host, theirs.host].join("; "));
    for (const cookie of [host, forward, theirs.host, theirs.forward]) {
      expect((await verify(world, { cookie })).status).toBe(401);
    }
    expect((await verify(world, { cookie: untouched.forward })).status).toBe(200);
    await signIn(world, visitor, secret);
    const again = await bothCookies(visitor);
    await signOutWith(world, ["latchkey_forward=x.y", again.forward, untouched.forward].join("; "));
    for (const cookie of [again.host, untouched.host])
      expect((await verify(world, { cookie })).status).toBe(401);
  });

  it("ends what the session became by a step-up, and a pending login", async () => {
    const { world, visitor, secret, forward } = await signedIn();
    const done = await visitor.confirm("password", world.code(secret));
    const steppedUp = { host: heldBy(visitor), forward: forwardCookieFrom(done) };
    // The earlier cookie opens nothing, but belongs to the same sign-in.
    await signOutWith(world, forward);
    for (const cookie of [steppedUp.host, steppedUp.forward])
      expect((await verify(world, { cookie })).status).toBe(401);

    const pending = await pendingCookie(world);
    const ended = await ask(world, { path: "/logout", ...form({}, { cookie: pending }) });
    expect(ended.headers.location).toBe("/login?notice=start-again");
    const { headers } = await ask(world, { path: "/login/2fa", headers: { cookie: pending } });
    expect(headers.location).toContain("/login");
  });

  it("ends the session of a forward cookie that another host has planted others beside", async () => {
    const { world, forward } = await signedIn();
    const planted = Array.from({ length: 8 }, (_, n) => `latchkey_forward=planted-${n}`);
    await signOutWith(world, [...planted, forward].join("; "));
    expect((await verify(world, { cookie: forward })).status).toBe(401);
  });

  it("leaves a trusted browser trusted", async () => {
    const { world, visitor, secret } = await signedIn();
    await visitor.post("/logout");
    await visitor.password();
    await visitor.code(world.code(secret), { trust_device: "on" });
    world.wait(30_000);
    const forward = forwardCookieFrom(await visitor.get("/"));
    await signOutWith(world, `${forward}; ${cookieHeldBy(visitor, "latchkey_trusted")}`);
    const trusted = world.visitor({ Cookie: cookieHeldBy(visitor, "latchkey_trusted") });
    expect((await trusted.password()).headers.location).toBe("/");
  });

  it("writes nothing, and looks nothing up, for cookies that we have not signed", async () => {
    const { world, host, forward } = await signedIn();
    const [hash = "", signature = ""] = forward.replace("latchkey_forward=", "").split(".");
    const before = await rows(world);
    const find = vi.spyOn(world.store.sessions, "find");
    const transaction = vi.spyOn(world.store, "transaction");
    for (const cookie of [
      "",
      "latchkey=x",
      host.slice(0, -4),
      `latchkey_forward=${hash}.${"A".repeat(43)}`,
      `latchkey_forward=${"A".repeat(43)}.${signature}`,
      `latchkey_forward=${hash}`,
      // More than a browser ever holds.
      Array.from("abcdefghijkl", (value) => `latchkey_forward=${value}`).join("; "),
      Array.from({ length: 12 }, () => host).join("; "),
    ]) {
      await signOutWith(world, cookie);
      expect([cookie, find.mock.calls.length, transaction.mock.calls.length]).toEqual([cookie, 0, 0]);
    }
    expect(await rows(world)).toEqual(before);
    expect((await verify(world, { cookie: forward })).status).toBe(200);
  });

  it("is the same without COOKIE_DOMAIN, where the second cookie means nothing", async () => {
    const { world, forward } = await signedIn();
    const narrow = await openWorld({ ...BEHIND_A_PROXY, COOKIE_DOMAIN: "", DATA_DIR: world.dataDir });
    const one = await ask(narrow, { path: "/logout", headers: { cookie: forward } });
    const none = await ask(narrow, { path: "/logout" });
    expect(bytesOf(one)).toEqual(bytesOf(none));
    await signOutWith(narrow, forward);
    expect((await verify(world, { cookie: forward })).status).toBe(200);
  });
});
