/** The guards, met with a stale page: signed out in another tab, ended by the operator, or a sign-in begun and abandoned. */
import { describe, expect, it } from "vitest";
import { heldBy } from "../support/cookies.js";
import { ask, form } from "../support/raw-request.js";
import { setUp, signIn } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { openWorld, type World } from "../support/world.js";

/** Every form that only a session, or only a pending login, may send. */
const OF_A_SESSION = [
  "/confirm",
  "/account/password",
  "/account/authenticators/new",
  "/account/authenticators/x/rename",
  "/account/authenticators/x/remove",
  "/account/recovery-codes",
  "/account/recovery-codes/proof",
  "/account/recovery-codes/later",
  "/account/sessions/x/end",
  "/account/sessions/end-others",
  "/account/trusted-devices/x/forget",
];
const OF_A_PENDING_LOGIN = ["/login/2fa", "/login/recovery-code", "/login/2fa/resync"];

/** How a sign-in can be ended from elsewhere. */
const ENDINGS: Record<string, (world: World, visitor: Visitor) => Promise<unknown>> = {
  "signed out in another tab": (_world, visitor) => visitor.post("/logout"),
  "given a new password by the operator": (world) => world.auth.setPassword("test", "another horse battery"),
  "disabled by the operator": (world) => world.auth.disableAccount("test"),
  "reset by the operator": (world) => world.auth.resetSecondFactor("test"),
  "removed by the operator": (world) => world.auth.removeAccount("test"),
};

describe.each(Object.entries(ENDINGS))("every form of somebody %s", (_, end) => {
  it("is not carried out, and leads to the sign-in page, which says so", async () => {
    const world = await openWorld({ RESYNC: "on" });
    const inside = world.visitor();
    const secret = await setUp(world, inside);
    const pending = world.visitor();
    await pending.password();
    for (const [visitor, paths] of [
      [inside, OF_A_SESSION],
      [pending, OF_A_PENDING_LOGIN],
    ] as const) {
      const cookie = heldBy(visitor);
      await end(world, visitor);
      for (const path of paths) {
        const sent = { otp: world.code(secret), password: "password", name: "x", sheet: "2" };
        const answer = await ask(world, { path, ...form(sent, { cookie }) });
        expect([answer.status, answer.headers.location], path).toEqual([
          303,
          "/login?notice=signed-out-here",
        ]);
      }
    }
  });
});

describe("a form in the wrong state", () => {
  it("says that it was not carried out when the second step is still to come", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await setUp(world, visitor);
    await visitor.post("/logout");
    for (const path of OF_A_SESSION) {
      await visitor.password();
      await visitor.get("/login/2fa");
      expect((await visitor.post(path, { sheet: "2" })).headers.location, path).toBe("/login/2fa");
      expect((await visitor.get("/login/2fa")).text, path).toContain('data-message="finish-first"');
    }
  });

  it("says who is signed in when both factors are proved already", async () => {
    const world = await openWorld({ RESYNC: "on" });
    const visitor = world.visitor();
    const secret = await setUp(world, visitor);
    await signIn(world, visitor, secret).catch(() => undefined);
    await visitor.post("/account/recovery-codes/later");
    for (const path of OF_A_PENDING_LOGIN) {
      await visitor.get("/account");
      expect((await visitor.post(path)).status, path).toBe(303);
      // The code page answers the form itself: it completes a sign-in, and is sent again by a reload.
      const told = path === "/login/2fa" ? "alert-" : 'data-message="already-signed-in"';
      expect((await visitor.get("/account")).text, path).toContain(told);
    }
  });
});
