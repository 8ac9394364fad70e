/** A rename: everything that is the account's own stays, and its owner signs in with the new name. */
import { beforeEach, describe, expect, it } from "vitest";
import { PASSWORD_RULE } from "../../src/auth/policy.js";
import type { Accounts } from "../../src/public-accounts.js";
import { accountsOf, created } from "../support/accounts.js";
import { isSignedIn, newOwner, PASSWORD, pending } from "../support/owner.js";
import { setUp, signIn } from "../support/sign-in.js";
import { MINUTE, openWorld, type World } from "../support/world.js";

let world: World;
let accounts: Accounts;
beforeEach(async () => {
  world = await openWorld({ DEMO: "off" });
  accounts = accountsOf(world);
});

describe("a renamed account", () => {
  it("keeps its sessions, which show the new name", async () => {
    const { visitor, id } = await newOwner(world, "alice");
    await accounts.update(id, { username: "alicia" });
    const { status, text } = await visitor.get("/account");
    expect(status).toBe(200);
    expect(text).toContain("alicia");
  });

  it("keeps its id, authenticators, recovery codes and history, and its browser stays trusted", async () => {
    const { id, secret, codes } = await newOwner(world, "alice");
    const trusted = await pending(world, "alice");
    await trusted.code(world.code(secret), { trust_device: "on" });
    world.advance(MINUTE);
    await accounts.update(id, { username: "alicia" });

    expect((await world.visitor().password("alice", PASSWORD)).status).toBe(401);
    await signIn(world, world.visitor(), secret, "alicia", PASSWORD);
    const other = await pending(world, "alicia");
    await other.recoveryCode(codes[0] ?? "");
    expect(await isSignedIn(other)).toBe(true);
    await trusted.post("/logout");
    await trusted.password("alicia", PASSWORD);
    expect(await isSignedIn(trusted)).toBe(true);
    const history = await world.store.history.of(id, 50, 0);
    expect(history.map(({ type }) => type)).toContain("authenticator-set-up");
    expect(history.find(({ type }) => type === "account-renamed")).toMatchObject({
      subject: "alice → alicia",
      byKind: "host",
    });
    expect(await accounts.find({ username: "alicia" })).toMatchObject({ id, hasSecondFactor: true });
    expect(await accounts.find({ username: "alice" })).toBeUndefined();
  });

  it("shows the label that its app was set up with, also after a second rename", async () => {
    const { visitor, id } = await newOwner(world, "alice");
    await accounts.update(id, { username: "alicia" });
    await accounts.update(id, { username: "ally" });
    expect((await visitor.get("/account")).text).toContain("Latchkey: alice");
    const [authenticator] = await world.store.authenticators.of(id);
    expect(authenticator?.label).toBe("alice");
  });

  it("shows the label of a set-up that has begun, and confirms it", async () => {
    const { id } = await created(accounts, { username: "alice", password: PASSWORD });
    const visitor = world.visitor();
    await visitor.password("alice", PASSWORD);
    const secret = await visitor.secret();
    await accounts.update(id, { username: "alicia" });
    expect(await visitor.secret()).toBe(secret);
    await visitor.code(world.code(secret));
    expect(await isSignedIn(visitor)).toBe(true);
    expect((await world.store.authenticators.of(id))[0]?.label).toBe("alice");
  });

  it("labels the next entry by the new name and its number", async () => {
    const { visitor, id } = await newOwner(world, "alice");
    await accounts.update(id, { username: "alicia" });
    const { text } = await visitor.get("/account/authenticators/new");
    expect(text).toContain("alicia (2)");
  });

  it("gives its name back for another account, which has nothing of it", async () => {
    const { id } = await newOwner(world, "alice");
    await accounts.update(id, { username: "alicia" });
    const second = await created(accounts, { username: "alice", password: "umbrella drawer kettle" });
    expect(second).toMatchObject({ hasSecondFactor: false });
    expect((await world.visitor().password("alice", PASSWORD)).status).toBe(401);
    await setUp(world, world.visitor(), "alice", "umbrella drawer kettle");
  });
});

describe("failed passwords around a rename", () => {
  const guess = async (name: string, times: number) => {
    let status = 0;
    for (let n = 0; n < times; n++) status = (await world.visitor().password(name, "a wrong one")).status;
    return status;
  };

  it("count for the new name too, so that a rename gives no free guesses", async () => {
    const { id } = await created(accounts, { username: "alice", password: PASSWORD });
    await guess("alice", PASSWORD_RULE.free);
    await accounts.update(id, { username: "alicia" });
    expect(await guess("alicia", 1)).toBe(429);
    expect(await guess("alice", 1)).toBe(429);
    await accounts.update(id, { username: "alice" });
    expect(await guess("alice", 1)).toBe(429);
  });

  it("do not delay the owner when they were for a name that was nobody's", async () => {
    const { id, secret } = await newOwner(world, "alice");
    await guess("alicia", PASSWORD_RULE.free);
    expect(await guess("alicia", 1)).toBe(429);
    await accounts.update(id, { username: "alicia" });
    await signIn(world, world.visitor(), secret, "alicia", PASSWORD);
  });
});
