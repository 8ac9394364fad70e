/** `latchkey account password` while a server runs: the new password holds at once, the old one opens nothing. */
import { beforeEach, describe, expect, it } from "vitest";
import { holdBack } from "../support/hold-back.js";
import { operate, succeed } from "../support/operator.js";
import { expectSignedOut, isSignedIn, newOwner, PASSWORD, pending } from "../support/owner.js";
import { signIn } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

const NEW = "violet otter seven";

let world: World;
beforeEach(async () => {
  world = await openWorld({ DEMO: "off" });
});

describe("latchkey account password", () => {
  it("revokes sessions and pending logins at once, and accepts only the new password", async () => {
    const { visitor, secret } = await newOwner(world);
    const behindPassword = await pending(world);
    expect(await succeed(world, ["password", "Alice"], `${NEW}\n`)).toBe(
      "alice has a new password; every session of the account has ended, and its trusted browsers are forgotten.\n",
    );

    await expectSignedOut(visitor);
    await behindPassword.code(world.code(secret));
    await expectSignedOut(behindPassword);
    expect((await world.visitor().password("alice", PASSWORD)).status).toBe(401);
    await signIn(world, visitor, secret, "alice", NEW);
    expect(await isSignedIn(visitor)).toBe(true);
  });

  it("refuses a sign-in that had already proved the old password", async () => {
    await newOwner(world);
    const visitor = world.visitor();
    const held = holdBack(world.store, "transaction");
    const answer = visitor.password("alice", PASSWORD).then((response) => response.status);
    await held.reached;
    await succeed(world, ["password", "alice"], `${NEW}\n`);
    held.letGo();
    expect(await answer).toBe(401);
  });

  it.each([
    ["1234567", /too short/],
    ["password1!", /first that attackers try/],
    ["alice1234", /account's or the site's name/],
  ])("refuses %j by the rules for everyone, and revokes nothing", async (password, sentence) => {
    const { visitor } = await newOwner(world);
    const refused = await operate(world, ["password", "alice"], `${password}\n`);
    expect(refused).toMatchObject({ exit: 1, out: "", err: expect.stringMatching(sentence) });
    expect(await isSignedIn(visitor)).toBe(true);
    expect((await world.visitor().password("alice", PASSWORD)).status).toBe(303);
  });

  it("forgets trusted browsers, and keeps authenticators and recovery codes", async () => {
    const { secret, codes } = await newOwner(world);
    const trusted = await pending(world);
    await trusted.code(world.code(secret), { trust_device: "on" });
    expect(await isSignedIn(trusted)).toBe(true);
    await succeed(world, ["password", "alice"], `${NEW}\n`);
    await trusted.password("alice", NEW);
    expect(await isSignedIn(trusted)).toBe(false);
    await trusted.recoveryCode(codes[0] ?? "");
    expect(await isSignedIn(trusted)).toBe(true);
  });
});
