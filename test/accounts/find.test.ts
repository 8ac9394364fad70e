/** Accounts that a host app finds: by id, by username, by its own id. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Account, Accounts } from "../../src/public-accounts.js";
import { accountsOf, created, PASSWORD } from "../support/accounts.js";
import { openWorld } from "../support/world.js";

let accounts: Accounts;
let anna: Account;
let label: Account;
beforeAll(async () => {
  accounts = accountsOf(await openWorld({ DEMO: "off" }));
  anna = await created(accounts, { username: "anna", password: PASSWORD, externalId: "1" });
  label = await created(accounts, { username: "ANNA", externalId: "2" });
});

describe("an account", () => {
  it("is found by each of its names", async () => {
    expect(await accounts.find({ id: anna.id })).toEqual(anna);
    expect(await accounts.find({ externalId: "1" })).toEqual(anna);
    expect(await accounts.find({ username: "anna" })).toEqual(anna);
    expect(await accounts.find({ username: " Anna " })).toEqual(anna);
  });

  it("is found by its name as it is written first: a host's label keeps its case", async () => {
    expect(await accounts.find({ username: "ANNA" })).toEqual(label);
  });

  it.each([
    ["id", "nobody"],
    ["id", ""],
    ["id", "x".repeat(10_000)],
    ["id", 42],
    ["id", null],
    ["id", ["anna"]],
    ["username", "nobody"],
    ["username", ""],
    ["username", "anna\0"],
    ["username", "\ud800"],
    ["username", { toString: () => "anna" }],
    ["externalId", "1\0"],
    ["externalId", " 1"],
  ])("is not found by %s %j", async (key, value) => {
    expect(await accounts.find({ [key]: value } as never)).toBeUndefined();
  });

  it("is not asked for by a number as externalId: no answer could be taken for no second factor", async () => {
    await expect(accounts.find({ externalId: 1 } as never)).rejects.toThrow("write String(1)");
  });

  it("is not found by its id with a NUL behind it, at which SQLite would cut", async () => {
    expect(await accounts.find({ id: `${anna.id}\0` })).toBeUndefined();
    for (const act of ["disable", "enable", "unlock", "signOut", "remove"] as const)
      expect(await accounts[act](`${anna.id}\0x`)).toEqual({ outcome: "unknown" });
    expect(await accounts.find({ id: anna.id })).toEqual(anna);
  });
});

describe("whatever is no id", () => {
  const IDS: unknown[] = [
    "nobody",
    "",
    " ",
    "x".repeat(1e6),
    "a\0b",
    "\ud800",
    42,
    null,
    undefined,
    {},
    ["x"],
    true,
  ];
  it.each(IDS.map((id) => [id]))("is unknown: %j", async (id) => {
    const given = id as string;
    const unknown = { outcome: "unknown" };
    expect(await accounts.update(given, { name: "N" })).toEqual(unknown);
    expect(await accounts.setPassword(given, PASSWORD)).toEqual(unknown);
    for (const act of ["disable", "enable", "unlock", "signOut", "remove"] as const)
      expect(await accounts[act](given)).toEqual(unknown);
  });
});
