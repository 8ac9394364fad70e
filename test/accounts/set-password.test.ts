/** Passwords that a host app sets. */
import { beforeEach, describe, expect, it } from "vitest";
import { PASSWORD_RULE } from "../../src/auth/policy.js";
import type { Accounts } from "../../src/public-accounts.js";
import { accountsOf, created } from "../support/accounts.js";
import { expectSignedOut, isSignedIn, newOwner, PASSWORD, pending } from "../support/owner.js";
import { openWorld, type World } from "../support/world.js";

const NEW = "umbrella drawer kettle";

let world: World;
let accounts: Accounts;
beforeEach(async () => {
  world = await openWorld({ DEMO: "off" });
  accounts = accountsOf(world);
});

describe("a password that a host app sets", () => {
  it("replaces the old one, and signs out everywhere", async () => {
    const { id, visitor, secret } = await newOwner(world);
    const trusted = await pending(world);
    await trusted.code(world.code(secret), { trust_device: "on" });
    expect(await accounts.setPassword(id, NEW)).toMatchObject({ outcome: "done", account: { id } });
    await expectSignedOut(visitor);
    await expectSignedOut(trusted);
    expect((await world.visitor().password("alice", PASSWORD)).status).toBe(401);
    await trusted.password("alice", NEW);
    expect(await isSignedIn(trusted)).toBe(false);
    expect(await accounts.find({ id })).toMatchObject({ hasSecondFactor: true });
  });

  it("is the first of an account that had none", async () => {
    const { id } = await created(accounts, { username: "anna" });
    expect(await accounts.setPassword(id, NEW)).toMatchObject({ account: { hasPassword: true } });
    expect((await world.visitor().password("anna", NEW)).status).toBe(303);
  });

  it("forgets failed ones", async () => {
    const { id } = await newOwner(world);
    for (let n = 0; n < PASSWORD_RULE.free; n++) await world.visitor().password("alice", "wrong");
    expect((await world.visitor().password("alice", PASSWORD)).status).toBe(429);
    await accounts.setPassword(id, NEW);
    expect((await world.visitor().password("alice", NEW)).status).toBe(303);
  });

  it.each([
    ["short", "1234567"],
    ["long", "x".repeat(5_000)],
    ["common", "iloveyou"],
    ["like-the-name", "alice1234"],
  ])("is refused as %s by the rules for owners, and nothing ends", async (reason, password) => {
    const { id, visitor } = await newOwner(world);
    const refused = await accounts.setPassword(id, password);
    expect(refused).toEqual({ outcome: "password-refused", reason, message: expect.any(String) });
    expect((await visitor.get("/account")).status).toBe(200);
  });

  it("is not possible for people whose password is the host's, and costs no hash", async () => {
    const { id } = await created(accounts, { username: "Anna Blake", externalId: "42" });
    expect(await accounts.setPassword(id, NEW)).toEqual({ outcome: "not-possible" });
    expect(await accounts.setPassword(id, "short")).toEqual({ outcome: "not-possible" });
    expect(await accounts.find({ id })).toMatchObject({ hasPassword: false });
  });

  it("is not possible when the account becomes the host's meanwhile", async () => {
    const { id } = await created(accounts, { username: "anna" });
    const [set] = await Promise.all([
      accounts.setPassword(id, NEW),
      // Hashing takes longer than this.
      accounts.update(id, { externalId: "42" }),
    ]);
    expect(set).toEqual({ outcome: "not-possible" });
    expect(await accounts.find({ id })).toMatchObject({ externalId: "42", hasPassword: false });
  });
});
