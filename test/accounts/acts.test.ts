/** Disabling, unlocking, signing out and removing by a host app. */
import { beforeEach, describe, expect, it } from "vitest";
import { LOCKOUT_AFTER, PASSWORD_RULE } from "../../src/auth/policy.js";
import type { Accounts } from "../../src/public-accounts.js";
import { accountsOf } from "../support/accounts.js";
import { countWrongCodes } from "../support/operator.js";
import { expectSignedOut, isSignedIn, newOwner, PASSWORD, pending } from "../support/owner.js";
import { signIn } from "../support/sign-in.js";
import { MINUTE, openWorld, type World } from "../support/world.js";

let world: World;
let accounts: Accounts;
beforeEach(async () => {
  world = await openWorld({ DEMO: "off" });
  accounts = accountsOf(world);
});

/** The account's events from now on. */
const types = () => world.events.map(({ type }) => type);

describe("signOut", () => {
  it("ends sessions and pending logins, and no browser is trusted or known any more", async () => {
    const { id, visitor, secret } = await newOwner(world);
    const trusted = await pending(world);
    await trusted.code(world.code(secret), { trust_device: "on" });
    world.advance(MINUTE);
    const behindPassword = await pending(world);
    expect(await accounts.signOut(id)).toMatchObject({ outcome: "done", account: { id } });
    for (const one of [visitor, trusted, behindPassword]) await expectSignedOut(one);

    // A known browser would have guesses of its own.
    for (let n = 0; n < PASSWORD_RULE.free; n++) await world.visitor().password("alice", "a wrong one");
    expect((await trusted.password("alice", PASSWORD)).status).toBe(429);
    world.advance(MINUTE);
    await trusted.password("alice", PASSWORD);
    expect(await isSignedIn(trusted)).toBe(false);
  });

  it("leaves password, authenticators and recovery codes", async () => {
    const { id, secret, codes } = await newOwner(world);
    await accounts.signOut(id);
    await signIn(world, world.visitor(), secret, "alice", PASSWORD);
    const other = await pending(world);
    await other.recoveryCode(codes[0] ?? "");
    expect((await other.get("/account")).status).toBe(200);
  });

  it("is one event, until somebody has signed in again", async () => {
    const { id, secret } = await newOwner(world);
    world.events.splice(0);
    await accounts.signOut(id);
    await accounts.signOut(id);
    expect(types()).toEqual(["account-signed-out"]);
    await signIn(world, world.visitor(), secret, "alice", PASSWORD);
    world.events.splice(0);
    await accounts.signOut(id);
    expect(types()).toEqual(["account-signed-out"]);
  });
});

describe("disable and enable", () => {
  it("keep everybody out, and let the owner in again", async () => {
    const { id, visitor } = await newOwner(world);
    expect(await accounts.disable(id)).toMatchObject({ outcome: "done", account: { disabled: true } });
    await expectSignedOut(visitor);
    expect((await world.visitor().password("alice", PASSWORD)).status).toBe(401);
    expect(await accounts.enable(id)).toMatchObject({ outcome: "done", account: { disabled: false } });
    expect((await world.visitor().password("alice", PASSWORD)).status).toBe(303);
  });

  it("are done again when repeated, and no second event", async () => {
    const { id } = await newOwner(world);
    world.events.splice(0);
    for (const act of ["enable", "disable", "disable", "enable", "enable"] as const)
      expect(await accounts[act](id)).toMatchObject({ outcome: "done" });
    expect(types()).toEqual(["account-disabled", "account-enabled"]);
  });
});

describe("unlock", () => {
  it("opens a locked account", async () => {
    const { id, visitor } = await newOwner(world);
    await visitor.post("/logout");
    await countWrongCodes(world, id, LOCKOUT_AFTER);
    expect(await accounts.find({ id })).toMatchObject({ locked: true });
    const unlocked = await accounts.unlock(id);
    expect(unlocked).toEqual({ outcome: "done", account: await accounts.find({ id }) });
    expect(unlocked).toMatchObject({ account: { locked: false } });
  });

  it("is one event, until something has failed again", async () => {
    const { id } = await newOwner(world);
    world.events.splice(0);
    await accounts.unlock(id);
    await accounts.unlock(id);
    expect(types()).toEqual(["account-unlocked"]);
    await world.visitor().password("alice", "a wrong one");
    await accounts.unlock(id);
    expect(types()).toEqual(["account-unlocked", "password-refused", "account-unlocked"]);
  });
});

describe("remove", () => {
  it("removes the account with everything that is its own, and keeps a record of it", async () => {
    const { id, visitor } = await newOwner(world);
    expect(await accounts.remove(id)).toEqual({ outcome: "done" });
    expect(await accounts.find({ id })).toBeUndefined();
    await expectSignedOut(visitor);
    expect(world.events.at(-1)).toMatchObject({
      type: "account-removed",
      accountId: id,
      username: "alice",
      by: { kind: "host" },
    });
    expect(await accounts.remove(id)).toEqual({ outcome: "unknown" });
  });
});
