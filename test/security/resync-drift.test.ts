/** The drift that resynchronisation stores: how it moves the window, and what a refusal may tell then. */
import { describe, expect, it } from "vitest";
import { addAuthenticator } from "../support/authenticators.js";
import { TIME_STEP, waitForDistinct, wrongCodes } from "../support/codes-around.js";
import { heldBy } from "../support/cookies.js";
import { newLogin } from "../support/new-login.js";
import { sqlOn } from "../support/other-program.js";
import { ask, bytesOf, form } from "../support/raw-request.js";
import { openResyncWorld, rested, resynchronise, tryCode } from "../support/resync.js";
import { setUp } from "../support/sign-in.js";
import { reasonOn } from "../support/visitor.js";
import { MINUTE, sharedDataDir, type World } from "../support/world.js";

describe("the stored drift", () => {
  it.each([-12, 15])("moves the window: single codes of a clock %i steps ahead sign in", async (steps) => {
    const world = await openResyncWorld();
    const secret = await rested(world);
    await resynchronise(world, secret, steps);
    world.advance(5 * MINUTE);
    waitForDistinct(world, secret);
    // The drift is that of the second code.
    const present = steps + 1;
    for (const away of [-1, 0, 1]) {
      world.advance(2 * MINUTE);
      expect(await tryCode(world, world.code(secret, present + away)), `${away}`).toBe(303);
      // What the code was late or early by, moves it a little; a right one moves it back.
      world.advance(2 * MINUTE);
      expect(await tryCode(world, world.code(secret, present))).toBe(303);
    }
    world.advance(20 * MINUTE);
    for (const away of [present - 3, present + 3, -1, 0, 1])
      expect(await tryCode(world, world.code(secret, away)), `${away}`).toBe(401);
  });

  it("makes a code of the app's future a wrong one when the app is behind", async () => {
    const world = await openResyncWorld();
    const secret = await rested(world);
    await resynchronise(world, secret, -13);
    world.advance(20 * MINUTE);
    waitForDistinct(world, secret);
    // Its clock shows 12 steps ago: the ten after that are past for the server, and still to come for the app.
    const cookie = heldBy(await newLogin(world));
    const [wrong = ""] = wrongCodes(world, secret);
    const submit = (otp: string) => ask(world, { path: "/login/2fa", ...form({ otp }, { cookie }) });
    await submit("none");
    const refused = bytesOf(await submit(wrong));
    expect(reasonOn(refused.text)).toBe("wrong");
    for (const steps of [-10, -5, -2, 0, 1, 5, 8]) {
      await world.auth.unlockAccount("test");
      expect(bytesOf(await submit(world.code(secret, steps))), `${steps}`).toEqual(refused);
    }
    await world.auth.unlockAccount("test");
    const told = await submit(world.code(secret, -20));
    expect(reasonOn(told.text)).toBe("earlier-step");
    expect(world.events.at(-1)).toMatchObject({ reason: "earlier-step", subject: "600" });
    const waited = world.code(secret, -5);
    world.advance(7 * TIME_STEP);
    expect(await tryCode(world, waited)).toBe(303);
    expect(await tryCode(world, waited)).toBe(401);
  });

  it("makes a code of the server's future a wrong one when the app is ahead", async () => {
    const world = await openResyncWorld();
    const secret = await rested(world);
    await resynchronise(world, secret, 14);
    world.advance(20 * MINUTE);
    waitForDistinct(world, secret);
    const cookie = heldBy(await newLogin(world));
    const [wrong = ""] = wrongCodes(world, secret);
    const submit = (otp: string) => ask(world, { path: "/login/2fa", ...form({ otp }, { cookie }) });
    await submit("none");
    const refused = bytesOf(await submit(wrong));
    for (const steps of [0, 2, 9, 12, 18, 30, 35]) {
      await world.auth.unlockAccount("test");
      expect(bytesOf(await submit(world.code(secret, steps))), `${steps}`).toEqual(refused);
    }
  });

  it("follows a clock that drifts by 4 s with each of 60 sign-ins", async () => {
    const world = await openResyncWorld();
    const secret = await rested(world);
    await resynchronise(world, secret, -3);
    let ahead = -2 * TIME_STEP;
    for (let signIn = 0; signIn < 60; signIn++) {
      ahead -= 4_000;
      // At any moment of a time step.
      world.advance(17 * MINUTE + ((signIn * 7_000) % TIME_STEP));
      expect(await tryCode(world, appCode(world, secret, ahead)), `sign-in ${signIn + 1}`).toBe(303);
    }
    world.advance(17 * MINUTE);
    waitForDistinct(world, secret);
    expect(await tryCode(world, appCode(world, secret, -2 * TIME_STEP))).toBe(401);
    expect(await tryCode(world, appCode(world, secret, ahead))).toBe(303);
  });

  it("never leads farther than two codes in a row are searched for", async () => {
    const world = await openResyncWorld();
    const secret = await rested(world);
    await resynchronise(world, secret, -20);
    for (let signIn = 0; signIn < 6; signIn++) {
      world.advance(20 * MINUTE);
      waitForDistinct(world, secret);
      expect(await tryCode(world, world.code(secret, signIn < 2 ? -20 : -21))).toBe(303);
    }
    world.advance(20 * MINUTE);
    waitForDistinct(world, secret);
    expect(await tryCode(world, world.code(secret, -22))).toBe(401);
    expect(await tryCode(world, world.code(secret, -20))).toBe(303);
  });

  it("stays right when one code is typed late", async () => {
    const world = await openResyncWorld();
    const secret = await rested(world);
    await resynchronise(world, secret, 9);
    for (let time = 0; time < 3; time++) {
      world.advance(10 * MINUTE);
      expect(await tryCode(world, world.code(secret, 10 - 1))).toBe(303);
      for (const away of [0, 0]) {
        world.advance(10 * MINUTE);
        expect(await tryCode(world, world.code(secret, 10 + away))).toBe(303);
      }
    }
  });

  it("moves nothing once RESYNC is off again, on the same database", async () => {
    const DATA_DIR = sharedDataDir();
    const before = await openResyncWorld({ DATA_DIR });
    const secret = await rested(before);
    await resynchronise(before, secret, -11);
    const now = before.now();
    await before.close();
    const after = await openResyncWorld({ DATA_DIR, RESYNC: "off" });
    after.advance(now - after.now() + 20 * MINUTE);
    waitForDistinct(after, secret);
    expect(await sqlOn(after, "select drift_seconds from authenticators")).toEqual([
      { drift_seconds: expect.any(Number) },
    ]);
    expect(await tryCode(after, after.code(secret, -10))).toBe(401);
    expect(await tryCode(after, after.code(secret))).toBe(303);
    const visitor = await newLogin(after);
    after.advance(MINUTE);
    await visitor.code(after.code(secret));
    expect((await visitor.get("/account")).text).not.toContain("Its clock");
  });

  it("belongs to one authenticator, while the others keep to the server's time", async () => {
    const world = await openResyncWorld();
    const owner = world.visitor();
    const secret = await setUp(world, owner);
    const second = await addAuthenticator(world, owner);
    world.advance(25 * MINUTE);
    waitForDistinct(world, secret, second);
    await resynchronise(world, second, 8);
    world.advance(5 * MINUTE);
    expect(await tryCode(world, world.code(secret, 9))).toBe(401);
    expect(await tryCode(world, world.code(secret))).toBe(303);
    expect(await tryCode(world, world.code(second))).toBe(401);
    expect(await tryCode(world, world.code(second, 9))).toBe(303);
  });
});

/** What an app shows whose clock is so far ahead (ms). */
function appCode(world: World, secret: string, ahead: number): string {
  const steps = Math.floor((world.now() + ahead) / TIME_STEP) - Math.floor(world.now() / TIME_STEP);
  return world.code(secret, steps);
}
