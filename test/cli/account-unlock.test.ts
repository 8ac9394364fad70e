/** `latchkey account unlock` while a server runs: it forgets failed attempts, so that the owner can try again. */
import { beforeEach, describe, expect, it } from "vitest";
import { LOCKOUT_AFTER, PASSWORD_RULE, SECOND_FACTOR_RULE } from "../../src/auth/policy.js";
import { countWrongCodes, succeed } from "../support/operator.js";
import { isSignedIn, newOwner, PASSWORD, pending } from "../support/owner.js";
import { addAccount } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";
import { nextWrongCode } from "../support/wrong-codes.js";

let world: World;
beforeEach(async () => {
  world = await openWorld({ DEMO: "off" });
});

describe("latchkey account unlock", () => {
  it("ends the delay after wrong passwords", async () => {
    await addAccount(world, "alice", PASSWORD);
    const visitor = world.visitor();
    for (let n = 0; n < PASSWORD_RULE.free; n++) await visitor.password("alice", "a wrong password");
    expect((await visitor.password("alice", PASSWORD)).status).toBe(429);
    expect(await succeed(world, ["unlock", "alice"])).toBe(
      "alice can try again at once: failed attempts are forgotten.\n",
    );
    expect((await visitor.password("alice", PASSWORD)).status).toBe(303);
  });

  it("ends the delay after wrong codes", async () => {
    const { secret } = await newOwner(world);
    const visitor = await pending(world);
    for (let n = 0; n < SECOND_FACTOR_RULE.free; n++) await visitor.code(nextWrongCode(world, secret));
    expect((await visitor.code(world.code(secret))).status).toBe(429);
    await succeed(world, ["unlock", "alice"]);
    await visitor.code(world.code(secret));
    expect(await isSignedIn(visitor)).toBe(true);
  });

  it("ends the lockout after a hundred wrong codes", async () => {
    const { secret, id } = await newOwner(world);
    await countWrongCodes(world, id, LOCKOUT_AFTER);
    const visitor = await pending(world);
    expect((await visitor.code(world.code(secret))).status).toBe(429);
    await succeed(world, ["unlock", "alice"]);
    await visitor.code(world.code(secret));
    expect(await isSignedIn(visitor)).toBe(true);
  });
});
