/** Changes of accounts by a host app: of what is given, and of nothing else. */
import { beforeEach, describe, expect, it } from "vitest";
import type { Account, Accounts } from "../../src/public-accounts.js";
import { accountsOf, created, PASSWORD } from "../support/accounts.js";
import { setUp } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

let world: World;
let accounts: Accounts;
let anna: Account;
beforeEach(async () => {
  world = await openWorld({ DEMO: "off" });
  accounts = accountsOf(world);
  anna = await created(accounts, {
    username: "anna",
    password: PASSWORD,
    email: "anna@example.org",
    emailConfirmed: true,
    name: "Anna",
    groups: ["staff"],
  });
});

describe("a change of an account", () => {
  it("leaves alone what it does not name", async () => {
    expect(await accounts.update(anna.id, { name: "Anna Blake" })).toEqual({
      outcome: "done",
      account: { ...anna, name: "Anna Blake" },
    });
    expect(await accounts.update(anna.id, {})).toMatchObject({ account: { name: "Anna Blake" } });
  });

  it("makes another address unconfirmed, unless the caller says that it is its owner's", async () => {
    const confirmed = async (changes: Parameters<Accounts["update"]>[1]) => {
      const result = await accounts.update(anna.id, changes);
      return result.outcome === "done" && result.account.emailConfirmed;
    };
    expect(await confirmed({ email: "anna@example.org" })).toBe(true);
    expect(await confirmed({ email: "anna@example.com" })).toBe(false);
    expect(await confirmed({ emailConfirmed: true })).toBe(true);
    expect(await confirmed({ email: "Anna@example.com" })).toBe(false);
    expect(await confirmed({ email: "anna@example.net", emailConfirmed: true })).toBe(true);
    expect(await confirmed({ email: null })).toBe(false);
    expect(await confirmed({ emailConfirmed: true })).toBe(false);
    expect(await confirmed({ email: "anna@example.net" })).toBe(false);
  });

  it("joins an account of Latchkey's own to the host's person, whose password stays", async () => {
    const joined = await accounts.update(anna.id, { externalId: "42" });
    expect(joined).toMatchObject({ outcome: "done", account: { externalId: "42", hasPassword: true } });
    expect(await accounts.find({ externalId: "42" })).toMatchObject({ id: anna.id });
    expect((await world.visitor().password("anna", PASSWORD)).status).toBe(303);
    expect(await accounts.update(anna.id, { username: "Anna Blake" })).toMatchObject({ field: "username" });
  });

  it("gives a host's person another label, and a proper name before it becomes Latchkey's own", async () => {
    const { id } = await created(accounts, { username: "Bert Cole", externalId: "7" });
    expect(await accounts.update(id, { username: "BERT COLE" })).toMatchObject({ outcome: "done" });
    expect(await accounts.update(id, { externalId: null })).toMatchObject({
      outcome: "invalid",
      field: "username",
    });
    expect(await accounts.update(id, { externalId: null, username: "Bert" })).toMatchObject({
      outcome: "done",
      account: { username: "bert" },
    });
    expect((await accounts.find({ id }))?.externalId).toBeUndefined();
  });

  it("signs out who was signed in as the host's person before, when it becomes another's", async () => {
    await accounts.update(anna.id, { externalId: "7" });
    const browser = world.visitor();
    await setUp(world, browser, "anna", PASSWORD);
    await accounts.update(anna.id, { name: "Anna Blake" });
    expect((await browser.get("/account")).status).toBe(200);
    await accounts.update(anna.id, { externalId: "8" });
    expect((await browser.get("/account")).status).toBe(303);
  });

  it("ends an open invitation when the account becomes the host's", async () => {
    const { id } = await created(accounts, { username: "bert" });
    const link = await accounts.invite(id);
    if (link.outcome !== "link") throw new Error(link.outcome);
    const { pathname } = new URL(link.url);
    expect((await world.visitor().get(pathname)).status).toBe(200);
    const { account } = (await accounts.update(id, { externalId: "7" })) as { account: Account };
    expect(account.invitationExpiresAt).toBeUndefined();
    expect((await world.visitor().get(pathname)).status).toBe(410);
  });

  it("is refused as a whole when one value is another account's", async () => {
    await created(accounts, { username: "bert", externalId: "7" });
    expect(await accounts.update(anna.id, { name: "Other", username: "Bert" })).toEqual({
      outcome: "taken",
      field: "username",
    });
    expect(await accounts.update(anna.id, { name: "Other", externalId: "7" })).toEqual({
      outcome: "taken",
      field: "externalId",
    });
    expect(await accounts.find({ id: anna.id })).toEqual(anna);
  });
});
