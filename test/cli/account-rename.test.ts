/** `latchkey account rename` and `sign-out` while a server runs. */
import { beforeEach, describe, expect, it } from "vitest";
import { accountsOf, created } from "../support/accounts.js";
import { idOf, operate, succeed } from "../support/operator.js";
import { expectSignedOut, newOwner, PASSWORD, pending } from "../support/owner.js";
import { addAccount, signIn } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

let world: World;
beforeEach(async () => {
  world = await openWorld({ DEMO: "off" });
});

describe("latchkey account rename", () => {
  it("gives the account another name at once, under which its owner signs in", async () => {
    const { id, visitor, secret } = await newOwner(world);
    expect(await succeed(world, ["rename", "Alice", "Alicia"])).toBe("alice is called alicia from now on.\n");
    expect(await idOf(world, "alicia")).toBe(id);
    expect((await visitor.get("/account")).text).toContain("alicia");
    await signIn(world, world.visitor(), secret, "alicia", PASSWORD);
  });

  it.each([
    ["a name that is taken", ["rename", "alice", "BOB"], 1, "There is an account bob already."],
    ["a name that cannot be one", ["rename", "alice", "al ice"], 2, "A name has 1 to 64"],
    ["an account that is not there", ["rename", "carol", "dave"], 1, "There is no account of that name."],
  ])("refuses %s in one sentence", async (_what, args, exit, sentence) => {
    await addAccount(world, "alice");
    await addAccount(world, "bob");
    const refused = await operate(world, args);
    expect(refused).toMatchObject({ exit, out: "" });
    expect(refused.err).toContain(sentence);
    expect(await idOf(world, "alice")).toBeTruthy();
  });

  it("finds a name as it is written first, since a host's labels keep their case", async () => {
    const label = await created(accountsOf(world), { username: "ALICE", externalId: "7" });
    const { id } = await newOwner(world, "alice");
    await succeed(world, ["rename", "ALICE", "Alice Blake"]);
    expect(await idOf(world, "Alice Blake")).toBe(label.id);
    await succeed(world, ["rename", "ALICE", "alicia"]);
    expect(await idOf(world, "alicia")).toBe(id);
  });
});

describe("latchkey account sign-out", () => {
  it("ends sessions and pending logins, and forgets trusted browsers", async () => {
    const { visitor, secret } = await newOwner(world);
    const trusted = await pending(world);
    await trusted.code(world.code(secret), { trust_device: "on" });
    expect(await succeed(world, ["sign-out", "alice"])).toBe(
      "alice is signed out everywhere; no browser is trusted any more.\n",
    );
    await expectSignedOut(visitor);
    await expectSignedOut(trusted);
    world.advance(60_000);
    await signIn(world, world.visitor(), secret, "alice", PASSWORD);
  });
});

describe("latchkey account password", () => {
  it("refuses the host's people, whose password only the host knows", async () => {
    await created(accountsOf(world), { username: "Anna Blake", externalId: "7" });
    const refused = await operate(world, ["password", "Anna Blake"], `${PASSWORD}\n`);
    expect(refused).toMatchObject({ exit: 1, out: "" });
    expect(refused.err).toContain("has no password of Latchkey's own");
  });
});
