/** From the proxy to the sign-in page or the step-up, and back to the page that was wanted. */
import { describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../../../src/auth/policy.js";
import { heldBy } from "../../support/cookies.js";
import {
  BEHIND_A_PROXY,
  forwardCookieFrom,
  sentTo,
  signedIn,
  verify,
  WANTED,
  withNext,
} from "../../support/forward.js";
import { CURRENT_CODES, enrolled, pendingCookie, setUpWithSheet } from "../../support/sign-in.js";
import { openWorld, type World } from "../../support/world.js";

const LOGIN = "http://sign-in.example.org/login";

describe("the way back after signing in", () => {
  /** Follows the proxy's redirect. */
  const pathOf = (location = "") => location.replace("http://sign-in.example.org", "");
  const loginPath = async (world: World) => pathOf(await sentTo(world, { wanted: WANTED }));

  it("leads to the wanted page, query and all", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const visitor = world.visitor();
    const page = await visitor.get(await loginPath(world));
    expect(page.text).toContain(`name="next" value="${WANTED.replace("&", "&amp;")}"`);
    await visitor.password("test", "password", { next: WANTED });
    const secret = await visitor.secret();
    const sheet = await visitor.code(world.code(secret));
    expect((await visitor.get(CURRENT_CODES)).text).toContain(WANTED.replace("&", "&amp;"));
    expect((await verify(world, { cookie: forwardCookieFrom(sheet) })).status).toBe(200);
    world.advance(30_000);

    const again = world.visitor();
    await again.password("test", "password", { next: WANTED });
    const done = await again.code(world.code(secret), { trust_device: "on" });
    expect(done.headers.location).toBe(WANTED);
    expect((await verify(world, { cookie: forwardCookieFrom(done) })).status).toBe(200);

    await again.post("/logout");
    const trusted = await again.password("test", "password", { next: WANTED });
    expect(trusted.headers.location).toBe(WANTED);
    expect((await verify(world, { cookie: forwardCookieFrom(trusted) })).headers["remote-auth-methods"]).toBe(
      "password trusted-device",
    );
  });

  it("leads over the start page after a recovery code, and straight there after a proof of the sheet", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const visitor = world.visitor();
    const { codes } = await setUpWithSheet(world, visitor);
    const [typed = ""] = codes;
    const proved = await visitor.post("/account/recovery-codes/proof", {
      recovery_code: typed,
      next: WANTED,
    });
    expect(proved.headers.location).toBe(WANTED);
    await visitor.post("/logout");
    await visitor.password("test", "password", { next: WANTED });
    const done = await visitor.recoveryCode(typed);
    expect(done.headers.location).toBe(`/${withNext(WANTED)}`);
    expect((await visitor.get(done.headers.location ?? "")).text).toContain(
      `href="${WANTED.replace("&", "&amp;")}"`,
    );
  });

  it("leads to the page that was wanted last, even when the password was typed for another", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const secret = await enrolled(world);
    const visitor = world.visitor();
    await visitor.password("test", "password", { next: "/account" });
    expect((await visitor.get(await loginPath(world))).headers.location).toBe("/login/2fa");
    expect((await visitor.get("/login?next=https://evil.example/")).headers.location).toBe("/login/2fa");
    expect((await visitor.code(world.code(secret))).headers.location).toBe(WANTED);
    expect((await visitor.get(await loginPath(world))).headers.location).toBe(WANTED);
    const late = await visitor.password("test", "password", { next: WANTED });
    expect(late.headers.location).toBe(WANTED);
  });

  it("stays the same when a picture or a script of an app is refused", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const secret = await enrolled(world);
    const visitor = world.visitor();
    await visitor.password("test", "password", { next: "/account" });
    const asPicture = { "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image" };
    await visitor.get(await loginPath(world)).set(asPicture);
    expect((await visitor.code(world.code(secret))).headers.location).toBe("/account");
  });

  it("hands out the forward cookie to a session that lacks it", async () => {
    const { world, visitor, forward } = await signedIn();
    const answer = await visitor.get(await loginPath(world));
    expect(answer.headers.location).toBe(WANTED);
    expect(forwardCookieFrom(answer)).toBe(forward);
  });
});

describe("a route that needs a step-up", () => {
  const CONFIRM = `http://sign-in.example.org/confirm${withNext(WANTED)}`;

  it("sends a session to /confirm when its proof is too old, and lets it in after the step-up", async () => {
    const { world, visitor, secret, host, forward } = await signedIn();
    world.advance(DEFAULT_POLICY.stepUp);
    const query = "max_age=300";
    for (const cookie of [host, forward]) {
      expect((await verify(world, { cookie, query })).status).toBe(401);
      expect((await verify(world, { cookie })).status).toBe(200);
      expect(await sentTo(world, { cookie, query, wanted: WANTED })).toBe(CONFIRM);
    }
    expect((await visitor.get(`/confirm${withNext(WANTED)}`)).text).toContain(WANTED.replace("&", "&amp;"));
    const done = await visitor.confirm("password", world.code(secret), { next: WANTED });
    expect(done.headers.location).toBe(WANTED);
    for (const cookie of [heldBy(visitor), forwardCookieFrom(done)]) {
      const { status, headers } = await verify(world, { cookie, query });
      expect({ status, time: headers["remote-auth-time"] }).toEqual({
        status: 200,
        time: String(Math.floor(world.now() / 1_000)),
      });
    }
    for (const cookie of [host, forward]) expect((await verify(world, { cookie })).status).toBe(401);
  });

  it("sends strangers and pending logins to /login", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    for (const cookie of ["", await pendingCookie(world)]) {
      expect(await sentTo(world, { cookie, query: "max_age=300&methods=totp", wanted: WANTED })).toBe(
        `${LOGIN}${withNext(WANTED)}`,
      );
    }
  });
});
