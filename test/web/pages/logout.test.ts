/** /logout: a page that apps can link to, and what its button does. */
import { describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../../../src/auth/policy.js";
import { heldBy } from "../../support/cookies.js";
import { BEHIND_A_PROXY, signedIn, verify, WANTED, withNext } from "../../support/forward.js";
import { sqlOn } from "../../support/other-program.js";
import { ask, bytesOf, form } from "../../support/raw-request.js";
import { enrolled, setUp, signIn } from "../../support/sign-in.js";
import { MINUTE, openWorld, type World } from "../../support/world.js";

const nextIn = (text: string) => /name="next" value="([^"]*)"/.exec(text)?.[1]?.replaceAll("&amp;", "&");

const SIGNED_OUT = "/login?notice=signed-out";

/** All that is stored of sign-ins. */
const rows = (world: World) => sqlOn(world, "select * from sessions order by id_hash");

describe("the sign-out page", () => {
  it("asks for confirmation, and changes nothing on GET and HEAD", async () => {
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

  it("says that the second step is still to come to a pending login", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await visitor.password();
    const { text } = await visitor.get("/logout");
    expect(text).toContain("You are signing in as <b>test</b>, and the second step is still to come");
    expect(text).toContain('href="/login/2fa"');
    expect((await visitor.get("/login/2fa")).status).toBe(200);
  });

  it("says that nobody is signed in, leads on, and offers nothing to end when there are no apps", async () => {
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

  it("offers to end the forward cookie when nothing else is left, and names nobody", async () => {
    const { world, forward } = await signedIn();
    const withIt = await ask(world, { path: "/logout", headers: { cookie: forward } });
    expect(bytesOf(withIt)).toEqual(bytesOf(await ask(world, { path: "/logout" })));
    expect(withIt.text).toContain("Sign out of all apps");
    const sent = form({ next: WANTED }, { cookie: forward });
    expect((await ask(world, { path: "/logout", ...sent })).headers.location).toBe(WANTED);
    expect((await verify(world, { cookie: forward })).status).toBe(401);
  });

  it("keeps a `next` that is allowed, an app's too, and no other", async () => {
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

describe("the sign-out button", () => {
  it("leads to `next` when it is allowed, and else to the sign-in page", async () => {
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

  it("refuses what another site or a sub-domain sent", async () => {
    const { world, host } = await signedIn();
    for (const site of ["cross-site", "same-site"]) {
      const sent = form({ next: WANTED }, { cookie: host, "sec-fetch-site": site });
      expect((await ask(world, { path: "/logout", ...sent })).status).toBe(403);
    }
    expect((await verify(world, { cookie: host })).status).toBe(200);
  });
});

describe("POST /logout", () => {
  it("ends the session on the server", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await setUp(world, visitor);
    const answer = await visitor.post("/logout");
    expect(answer.headers.location).toBe("/login?notice=signed-out");
    expect((await visitor.get("/account")).status).toBe(303);
  });

  it("ends a pending login too, and remembers the wanted page", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await visitor.password("test", "password", { next: "/account/history" });
    const answer = await visitor.post("/logout");
    expect(answer.headers.location).toBe("/login?notice=start-again&next=%2Faccount%2Fhistory");
    expect((await visitor.get("/login/2fa")).headers.location).toBe("/login?notice=sign-in");
  });

  it("changes nothing on GET, and refuses other methods", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await setUp(world, visitor);
    expect((await visitor.get("/logout")).status).toBe(200);
    const answer = await visitor.agent.delete("/logout");
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe("GET, HEAD, POST");
    expect((await visitor.get("/account")).status).toBe(200);
  });

  it("says that the sign-in was cancelled when the second step was still to come", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await visitor.password();
    const answer = await visitor.post("/logout");
    expect(answer.headers.location).toBe("/login?notice=start-again");
    await visitor.password();
    world.advance(DEFAULT_POLICY.pendingLogin + MINUTE);
    expect((await visitor.post("/logout")).headers.location).toBe("/login?notice=start-again");
    await setUp(world, visitor);
    expect((await visitor.post("/logout")).headers.location).toBe("/login?notice=signed-out");
  });
});
