/** Accounts that a host app creates. */
import { beforeEach, describe, expect, it } from "vitest";
import type { Accounts } from "../../src/public-accounts.js";
import { accountsOf, created, PASSWORD } from "../support/accounts.js";
import { openWorld, type World } from "../support/world.js";

let world: World;
let accounts: Accounts;
beforeEach(async () => {
  world = await openWorld({ DEMO: "off" });
  accounts = accountsOf(world);
});

describe("an account that a host app creates", () => {
  it("has what was given, and an id", async () => {
    const given = {
      username: "anna",
      password: PASSWORD,
      externalId: "user-42",
      email: "anna@example.org",
      name: "Anna Blake",
      groups: ["staff", "Domain Users"],
    };
    const { password, ...kept } = given;
    const account = await created(accounts, given);
    expect(account).toEqual({
      ...kept,
      id: expect.stringMatching(/^[\w-]{22}$/),
      emailConfirmed: false,
      createdAt: new Date(world.now()),
      disabled: false,
      locked: false,
      hasPassword: true,
      hasSecondFactor: false,
    });
    expect(await accounts.find({ id: account.id })).toEqual(account);
  });

  it("lets its owner in by its password, to set up a second factor", async () => {
    const { id } = await created(accounts, { username: "Anna ", password: PASSWORD });
    const visitor = world.visitor();
    await visitor.password("anna", PASSWORD);
    await visitor.code(world.code(await visitor.secret()));
    expect((await visitor.get("/account")).status).toBe(200);
    expect(await accounts.find({ id })).toMatchObject({
      username: "anna",
      hasSecondFactor: true,
      lastSignInAt: new Date(world.now()),
    });
  });

  it.each([
    ["", 401],
    ["password", 401],
    [PASSWORD, 401],
  ])("lets nobody in by %j while it has no password", async (password, status) => {
    const account = await created(accounts, { username: "anna" });
    expect(account.hasPassword).toBe(false);
    expect((await world.visitor().password("anna", password)).status).toBe(status);
  });

  it("has a confirmed address only where the caller says so", async () => {
    const email = "anna@example.org";
    expect(await created(accounts, { username: "anna", email, emailConfirmed: true })).toMatchObject({
      email,
      emailConfirmed: true,
    });
    expect(await created(accounts, { username: "bert", emailConfirmed: true })).toMatchObject({
      emailConfirmed: false,
    });
  });

  it("is not there when its name or the host's id is another's", async () => {
    await created(accounts, { username: "anna", externalId: "1" });
    const taken = [
      await accounts.create({ username: "ANNA", password: PASSWORD }),
      await accounts.create({ username: "anna", externalId: "2" }),
      await accounts.create({ username: "bert", externalId: "1" }),
    ];
    // "anna" of the host's person and "anna" of an account with a password are one name.
    expect(taken).toEqual([
      { outcome: "taken", field: "username" },
      { outcome: "taken", field: "username" },
      { outcome: "taken", field: "externalId" },
    ]);
    expect((await accounts.list()).accounts).toHaveLength(1);
  });

  it.each([
    ["short", "1234567"],
    ["long", "kT9#vB2q".repeat(129)],
    ["common", "iloveyou"],
    ["common", "zxcvbnm,"],
    ["like-the-name", "anna-blake"],
  ])("is not there when its password is refused as %s", async (reason, password) => {
    const refused = await accounts.create({ username: "anna-blake", password });
    expect(refused).toEqual({
      outcome: "password-refused",
      reason,
      message: expect.stringMatching(/^That password is .*\.$/),
    });
    expect(JSON.stringify(refused)).not.toContain(password);
    expect(await accounts.list()).toEqual({ accounts: [] });
  });

  it("keeps the name of one of the host's people as a label", async () => {
    const label = "Ann Smith (Ops), née Blé";
    expect(await created(accounts, { username: label, externalId: "7" })).toMatchObject({
      username: label,
      hasPassword: false,
    });
    expect(await accounts.find({ username: label })).toMatchObject({ externalId: "7" });
    expect(await accounts.create({ username: label, externalId: "8", password: PASSWORD })).toMatchObject({
      outcome: "invalid",
      field: "username",
    });
    expect(await accounts.create({ username: "Ann Smith" })).toMatchObject({ field: "username" });
  });
});
