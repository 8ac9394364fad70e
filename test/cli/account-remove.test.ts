/** `latchkey account remove` while a server runs: the account is gone at once, and its name brings nothing of it back. */
import { beforeEach, describe, expect, it } from "vitest";
import { PASSWORD_RULE, SECOND_FACTOR_RULE } from "../../src/auth/policy.js";
import { idOf, newestLine, operate, succeed } from "../support/operator.js";
import { expectSignedOut, isSignedIn, newOwner, PASSWORD, pending } from "../support/owner.js";
import { openWorld, type World } from "../support/world.js";

const NEW = "violet otter seven";

let world: World;
beforeEach(async () => {
  world = await openWorld({ DEMO: "off" });
});

describe("latchkey account remove", () => {
  it("signs the account out at the next request, and forgets its name", async () => {
    const { visitor, secret } = await newOwner(world);
    const behindPassword = await pending(world);
    expect(await succeed(world, ["remove", "alice"])).toBe(
      "Removed alice with everything that was the account's own.\n",
    );
    await expectSignedOut(visitor);
    await behindPassword.code(world.code(secret));
    await expectSignedOut(behindPassword);
    expect((await world.visitor().password("alice", PASSWORD)).status).toBe(401);
    expect(await world.store.accounts.byUsername("alice")).toBeUndefined();
    expect(await operate(world, ["enable", "alice"])).toMatchObject({ exit: 1, out: "" });
  });

  it("leaves no authenticator, history or failures to the next account of that name", async () => {
    const { visitor, secret, codes, id } = await newOwner(world);
    const guesser = await pending(world);
    for (let n = 0; n < SECOND_FACTOR_RULE.free - 1; n++) await guesser.code("000000");
    for (let n = 0; n < PASSWORD_RULE.free - 1; n++)
      await world.visitor().password("alice", "a wrong password");
    await succeed(world, ["remove", "alice"]);
    await succeed(world, ["add", "alice"], `${NEW}\n`);

    expect(await idOf(world, "alice")).not.toBe(id);
    expect(await world.store.history.of(id, 50, 0)).toEqual([]);
    expect(await newestLine(world, await idOf(world, "alice"))).toMatchObject({
      lines: 1,
      line: { type: "account-added" },
    });
    // If the failures of before still counted, a single one more would begin the delay.
    for (let n = 0; n < PASSWORD_RULE.free - 1; n++) {
      expect((await world.visitor().password("alice", PASSWORD)).status).toBe(401);
    }
    const anew = await pending(world, "alice", NEW);
    expect(await anew.secret()).not.toBe(secret);
    for (let n = 0; n < SECOND_FACTOR_RULE.free - 1; n++)
      expect((await anew.code(world.code(secret))).status).toBe(401);
    await anew.recoveryCode(codes[0] ?? "");
    expect(await isSignedIn(anew)).toBe(false);
    await expectSignedOut(visitor);
  });
});
