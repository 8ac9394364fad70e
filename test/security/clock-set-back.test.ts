/** A clock that is set back: nothing is accepted twice, and delays and sessions outlast the jump by no more than the jump. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ADDRESS_RULE, DEFAULT_POLICY, PASSWORD_RULE } from "../../src/auth/policy.js";
import { JUMP, MAX_DELAY, STEP, untilLongestDelay, walk } from "../support/clock-jumps.js";
import { FREE_GUESS } from "../support/free-guess.js";
import { newLogin, signInWith } from "../support/new-login.js";
import { CURRENT_CODES, enrolled, setUp, setUpWithSheet } from "../support/sign-in.js";
import { HOUR, openWorld, type World } from "../support/world.js";

vi.mock("@node-rs/argon2", async (original) => {
  const { withFreeGuesses } = await import("../support/free-guess.js");
  return withFreeGuesses(await original());
});

describe("a clock set back ten minutes", () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld({ SESSION_IDLE: "1h", SESSION_MAX: "2h" });
  });

  it("accepts no code of an earlier step, and lets the owner in once it has caught up", async () => {
    const secret = await enrolled(world);
    const last = world.code(secret);
    expect(await signInWith(world, last)).toBe("/");
    world.advance(-JUMP);
    // None of these three was ever used, and all are older than the last one that was.
    for (const steps of [-1, 0, 1]) expect(await signInWith(world, world.code(secret, steps))).toBe(401);
    world.advance(JUMP);
    expect(await signInWith(world, last)).toBe(401);
    world.advance(STEP);
    expect(await signInWith(world, world.code(secret))).toBe("/");
  });

  it("accepts each recovery code once meanwhile", async () => {
    const { codes } = await setUpWithSheet(world, world.visitor());
    world.advance(-JUMP);
    const [first, second] = [await newLogin(world), await newLogin(world)];
    expect((await first.recoveryCode(codes[0] ?? "")).headers.location).toBe("/");
    expect((await second.recoveryCode(codes[0] ?? "")).status).toBe(401);
    await walk(world, first);
  });

  it("lengthens a delay after wrong codes by the jump and no more", async () => {
    const secret = await enrolled(world);
    await untilLongestDelay(world, secret);
    world.advance(-JUMP);
    const refused = await (await newLogin(world)).code(world.code(secret));
    expect(refused.status).toBe(429);
    expect(refused.headers["retry-after"]).toBe(String((MAX_DELAY + JUMP) / 1_000));
    world.advance(MAX_DELAY + JUMP - 1);
    expect(await signInWith(world, world.code(secret))).toBe(429);
    world.advance(1);
    expect(await signInWith(world, world.code(secret))).toBe("/");
  });

  it("lengthens a delay after wrong passwords by the jump and no more, for a name and for an address", async () => {
    for (let n = 0; n < PASSWORD_RULE.free; n++) await world.visitor().password("test", FREE_GUESS);
    for (let n = PASSWORD_RULE.free; n < ADDRESS_RULE.free; n++)
      await world.visitor().password(`name-${n}`, FREE_GUESS);
    world.advance(-JUMP);
    const refused = await world.visitor().password();
    expect(refused.status).toBe(429);
    expect(refused.headers["retry-after"]).toBe(String((MAX_DELAY + JUMP) / 1_000));
    world.advance(MAX_DELAY + JUMP - 1);
    expect((await world.visitor().password()).status).toBe(429);
    world.advance(1);
    expect((await world.visitor().password()).headers.location).toBe("/login/2fa");
  });

  it("ends no session, and lengthens a busy one by no more than the jump", async () => {
    const visitor = world.visitor();
    await setUp(world, visitor);
    const opened = world.now() - STEP;
    world.advance(-JUMP);
    await walk(world, visitor);
    while (world.now() + HOUR / 2 < opened + 2 * HOUR) {
      world.advance(HOUR / 2);
      expect((await visitor.get("/account")).status).toBe(200);
    }
    world.advance(opened + 2 * HOUR - 1 - world.now());
    expect((await visitor.get("/account")).status).toBe(200);
    world.advance(1);
    expect((await visitor.get("/account")).status).toBe(303);
  });

  it("ends an idle session, a step-up and a pending login, later by the jump at most", async () => {
    const visitor = world.visitor();
    const secret = await setUp(world, visitor);
    const opened = world.now() - STEP;
    const pending = await newLogin(world);
    const pendingSince = world.now();
    world.advance(-JUMP);
    expect((await visitor.get("/account/password")).status).toBe(200);
    world.advance(opened + DEFAULT_POLICY.stepUp - world.now());
    expect((await visitor.get("/account/password")).headers.location).toMatch(/^\/confirm/);
    world.advance(pendingSince + DEFAULT_POLICY.pendingLogin - world.now());
    expect((await pending.code(world.code(secret))).headers.location).toMatch(/^\/login\?notice=/);
    world.advance(opened + 2 * HOUR - world.now());
    expect((await visitor.get("/account")).status).toBe(303);
  });

  it("keeps a pending login, and the authenticator that it is setting up", async () => {
    const visitor = await newLogin(world);
    const secret = await visitor.secret();
    world.advance(-JUMP);
    expect(await visitor.secret()).toBe(secret);
    expect((await visitor.code(world.code(secret))).headers.location).toBe(CURRENT_CODES);
    await world.auth.prune();
    await walk(world, visitor);
    expect((await visitor.get("/account")).status).toBe(200);
  });
});
