/** `latchkey account reset-2fa --without-link` while a server runs: the owner sets up again, and the lost factor is worthless. */
import { beforeEach, describe, expect, it } from "vitest";
import { RECOVERY_CODES, SECOND_FACTOR_RULE } from "../../src/auth/policy.js";
import { succeed } from "../support/operator.js";
import { expectSignedOut, isSignedIn, newOwner, PASSWORD, pending } from "../support/owner.js";
import { setUpWithSheet } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

let world: World;
beforeEach(async () => {
  world = await openWorld({ DEMO: "off" });
});

describe("latchkey account reset-2fa --without-link", () => {
  const said =
    "Authenticators, recovery codes, sessions and trusted browsers of alice have ended. alice sets up an authenticator at the next " +
    "sign-in. Until then the first factor alone opens the account: tell alice to sign in soon.\n";

  it("revokes sessions and pending logins, and asks for a new set-up at the next sign-in", async () => {
    const { visitor, secret } = await newOwner(world);
    const behindPassword = await pending(world);
    expect(await succeed(world, ["reset-2fa", "alice", "--without-link"])).toBe(said);
    await expectSignedOut(visitor);
    await behindPassword.code(world.code(secret));
    await expectSignedOut(behindPassword);
    const anew = await setUpWithSheet(world, visitor, "alice", PASSWORD);
    expect(anew.secret).not.toBe(secret);
    expect(anew.codes).toHaveLength(RECOVERY_CODES);
    expect(await isSignedIn(visitor)).toBe(true);
  });

  it("refuses the lost authenticator and its recovery codes, before and after the new set-up", async () => {
    const { secret, codes } = await newOwner(world);
    await succeed(world, ["reset-2fa", "alice", "--without-link"]);
    const finder = await pending(world);
    await finder.code(world.code(secret));
    await finder.recoveryCode(codes[0] ?? "");
    expect(await isSignedIn(finder)).toBe(false);

    const anew = await setUpWithSheet(world, world.visitor(), "alice", PASSWORD);
    const thief = await pending(world);
    expect((await thief.code(world.code(secret))).status).toBe(401);
    expect((await thief.recoveryCode(codes[1] ?? "")).status).toBe(401);
    expect(await isSignedIn(thief)).toBe(false);
    await thief.code(world.code(anew.secret));
    expect(await isSignedIn(thief)).toBe(true);
  });

  it("asks trusted browsers for the new set-up, too", async () => {
    const { secret } = await newOwner(world);
    const trusted = await pending(world);
    await trusted.code(world.code(secret), { trust_device: "on" });
    await succeed(world, ["reset-2fa", "alice", "--without-link"]);
    await trusted.password("alice", PASSWORD);
    expect(await isSignedIn(trusted)).toBe(false);
    expect(await trusted.secret()).not.toBe(secret);
  });

  it("forgets wrong codes from before the reset", async () => {
    await newOwner(world);
    const owner = await pending(world);
    for (let n = 0; n < SECOND_FACTOR_RULE.free; n++) await owner.code("000000");
    await succeed(world, ["reset-2fa", "alice", "--without-link"]);
    await setUpWithSheet(world, owner, "alice", PASSWORD);
    expect(await isSignedIn(owner)).toBe(true);
  });
});
