/** Two nodes whose clocks differ: no code is accepted at both, and delays and sessions end at each. */
import { beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_POLICY, SECOND_FACTOR_RULE } from "../../src/auth/policy.js";
import { STEP, walk } from "../support/clock-jumps.js";
import { newLogin, signInWith } from "../support/new-login.js";
import { enrolled } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { HOUR, MINUTE, openTwoWorlds, type World } from "../support/world.js";
import { nextWrongCode } from "../support/wrong-codes.js";

describe("two nodes whose clocks differ by a minute", () => {
  let here: World;
  /** Its clock is a minute ahead. */
  let there: World;
  let secret: string;
  const wait = (ms: number) => {
    here.advance(ms);
    there.advance(ms);
  };
  beforeEach(async () => {
    [here, there] = await openTwoWorlds({ SESSION_IDLE: "2h", SESSION_MAX: "2h" });
    secret = await enrolled(here);
    there.advance(here.now() + MINUTE - there.now());
    wait(5 * MINUTE);
  });

  it("refuse at the node behind what the node ahead has accepted", async () => {
    const early = there.code(secret);
    expect(await signInWith(there, early)).toBe("/");
    for (const steps of [-1, 0, 1]) expect(await signInWith(here, here.code(secret, steps))).toBe(401);
    wait(MINUTE);
    expect(await signInWith(here, early)).toBe(401);
    wait(STEP);
    expect(await signInWith(here, here.code(secret))).toBe("/");
  });

  it("refuse at the node ahead what the node behind has accepted", async () => {
    const good = here.code(secret, 1);
    expect(await signInWith(here, good)).toBe("/");
    expect(await signInWith(there, good)).toBe(401);
    expect(await signInWith(there, there.code(secret))).toBe("/");
  });

  it("count the same failures, and end a delay at most a minute apart", async () => {
    for (let n = 0; n < SECOND_FACTOR_RULE.free; n++) {
      expect(await signInWith(n % 2 ? here : there, nextWrongCode(here, secret))).toBe(401);
    }
    // The node ahead counted the last failure: by its clock the delay lasts one minute.
    for (const world of [here, there]) expect(await signInWith(world, world.code(secret))).toBe(429);
    wait(MINUTE - 1);
    expect(await signInWith(there, there.code(secret))).toBe(429);
    wait(1);
    expect((await (await newLogin(there)).get("/login/2fa")).headers["retry-after"]).toBeUndefined();
    wait(MINUTE - 1);
    expect(await signInWith(here, here.code(secret))).toBe(429);
    wait(1);
    expect(await signInWith(here, here.code(secret))).toBe("/");
  });

  it("let in the pending logins of each other, and end a session at most a minute apart", async () => {
    for (const [first, second] of [
      [here, there],
      [there, here],
    ] as const) {
      const visitor = await newLogin(first);
      const opened = second.now();
      expect((await at(second, visitor).code(second.code(secret))).headers.location).toBe("/");
      await walk(first, at(first, visitor));
      await walk(second, at(second, visitor));
      expect((await at(first, visitor).get("/account")).status).toBe(200);
      const ends = opened + 2 * HOUR;
      wait(ends - MINUTE - here.now());
      const late = at(here, visitor);
      if (second === here) expect((await late.get("/account")).status).toBe(200);
      wait(ends - here.now());
      expect((await late.get("/account")).status).toBe(303);
    }
  });

  it("prune nothing at the node ahead that is alive at the other", async () => {
    const visitor = here.visitor();
    await visitor.password();
    await visitor.code(here.code(secret), { trust_device: "on" });
    wait(2 * HOUR - DEFAULT_POLICY.pendingLogin);
    const pending = await newLogin(here);
    wait(DEFAULT_POLICY.pendingLogin - 1);
    // By the clock ahead both have expired; by the other they have a millisecond left.
    await there.auth.prune();
    expect((await visitor.get("/account")).status).toBe(200);
    expect((await pending.get("/login/2fa")).status).toBe(200);
    expect((await pending.code(here.code(secret))).headers.location).toBe("/");
    await visitor.post("/logout");
    expect((await visitor.password()).headers.location).toBe("/");
  });
});

/** The same browser, sent to another node. */
function at(world: World, visitor: Visitor): Visitor {
  const there = world.visitor();
  there.agent.jar = visitor.agent.jar;
  return there;
}
