/** What a host app does with accounts, as events: in the log, in the history, with who did it, and without secrets. */
import { beforeEach, describe, expect, it } from "vitest";
import type { Account, Accounts } from "../../src/public-accounts.js";
import { accountsOf, created, PASSWORD } from "../support/accounts.js";
import { operate, succeed } from "../support/operator.js";
import { setUp } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

let world: World;
let accounts: Accounts;
let anna: Account;
beforeEach(async () => {
  world = await openWorld({ DEMO: "off" });
  accounts = accountsOf(world);
  anna = await created(accounts, { username: "anna", password: PASSWORD });
});

const NEW = "umbrella drawer kettle";

/** Each act, and its event. */
const ACTS: [act: string, run: () => Promise<unknown>, event: Record<string, string>][] = [
  [
    "a rename",
    () => accounts.update(anna.id, { username: "Ann" }),
    { type: "account-renamed", subject: "anna → ann" },
  ],
  [
    "a change",
    () =>
      accounts.update(anna.id, {
        groups: ["a"],
        name: "A",
        email: "a@b.c",
        emailConfirmed: true,
        externalId: "7",
      }),
    { type: "account-changed", subject: "email emailConfirmed name groups externalId" },
  ],
  ["a password", () => accounts.setPassword(anna.id, NEW), { type: "password-changed" }],
  ["disabling", () => accounts.disable(anna.id), { type: "account-disabled" }],
  ["unlocking", () => accounts.unlock(anna.id), { type: "account-unlocked" }],
  ["signing out", () => accounts.signOut(anna.id), { type: "account-signed-out" }],
  ["removing", () => accounts.remove(anna.id), { type: "account-removed" }],
];

describe("an event of an account by a host app", () => {
  it.each(ACTS)("tells of %s: in the log and in the history", async (_act, run, event) => {
    world.events.splice(0);
    world.logLines.splice(0);
    await run();
    const by = { kind: "host" };
    expect(world.events).toEqual([expect.objectContaining({ ...event, accountId: anna.id, by })]);
    const lines = world.logLines.map((line) => JSON.parse(line));
    expect(lines).toEqual([expect.objectContaining({ msg: "security event", ...event, by })]);
    const [newest] = await world.store.history.of(anna.id, 1, 0);
    const isKept = event.type !== "account-removed";
    expect(newest?.type).toBe(isKept ? event.type : undefined);
    if (isKept) expect(newest).toMatchObject({ byKind: "host", byName: null });
  });

  it("does not tell of what changed nothing, was refused, or is unknown", async () => {
    world.events.splice(0);
    await accounts.update(anna.id, { username: "ANNA", groups: [], name: null });
    await accounts.update(anna.id, { username: "-", name: "N" });
    await accounts.update("nobody", { name: "N" });
    await accounts.create({ username: "anna" });
    await accounts.setPassword(anna.id, "short");
    await accounts.enable(anna.id);
    expect(world.events).toEqual([]);
  });

  it("says nothing of passwords and attributes, only which fields", async () => {
    await accounts.update(anna.id, {
      email: "private@example.org",
      name: "Private",
      groups: ["secret-club"],
    });
    await accounts.setPassword(anna.id, NEW);
    expect(world.logLines.join("")).not.toMatch(/private|secret-club|umbrella/i);
  });

  it("is a line of the owner's history that names the site", async () => {
    await accounts.update(anna.id, { username: "ann", name: "Ann" });
    const visitor = world.visitor();
    await setUp(world, visitor, "ann", PASSWORD);
    const { text } = await visitor.get("/account/history");
    expect(text).toMatch(/data-event="account-renamed"/);
    expect(text).toMatch(/data-event="account-changed"/);
    expect(text).toContain("By the site");
    expect(text).not.toContain("By the operator");
  });
});

describe("the same by an operator", () => {
  it("names the operator, also in the owner's history", async () => {
    await succeed(world, ["rename", "anna", "ann"]);
    const [newest] = await world.store.history.of(anna.id, 1, 0);
    expect(newest).toMatchObject({ type: "account-renamed", byKind: "operator", subject: "anna → ann" });
    await operate(world, ["sign-out", "ann"]);
    const visitor = world.visitor();
    await setUp(world, visitor, "ann", PASSWORD);
    expect((await visitor.get("/account/history")).text).toContain("By the operator");
  });
});
