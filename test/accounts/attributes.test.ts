/** What a host app may say about a person, and how the rest is refused. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Account, Accounts } from "../../src/public-accounts.js";
import { accountsOf, created, PASSWORD } from "../support/accounts.js";
import { openWorld } from "../support/world.js";

let accounts: Accounts;
let anna: Account;
beforeAll(async () => {
  accounts = accountsOf(await openWorld({ DEMO: "off" }));
  anna = await created(accounts, { username: "anna", password: PASSWORD });
});

/** As a program without types passes it. */
const update = (changes: unknown) => accounts.update(anna.id, changes as never);

const GOOD: [field: string, value: unknown][] = [
  ["email", "anna@example.org"],
  ["email", "a@localhost"],
  ["email", "o'neil+tag!#$%&'*/=?^_`{|}~-@sub.example-host.org"],
  ["email", "jürgen@bücher.example"],
  ["email", "用户@例子.广告"],
  ["email", `${"a".repeat(242)}@example.org`],
  ["email", `a@${"b".repeat(63)}.org`],
  ["name", "A"],
  ["name", "Ada Lovelace, 🦊 <ada>"],
  ["name", "🦊".repeat(200)],
  ["groups", []],
  ["groups", ["staff", "Domain Users", "Größe", "staff"]],
  ["groups", ["a".repeat(200)]],
  ["groups", Array.from({ length: 10 }, () => "g".repeat(200))],
  ["externalId", "42"],
  ["externalId", "auth0|5f7c8ec7c33c6c004bbafe82"],
  ["externalId", "é".repeat(200)],
];

const BAD: [field: string, value: unknown][] = [
  ["email", ""],
  ["email", "anna"],
  ["email", "@example.org"],
  ["email", "anna@"],
  ["email", "anna@@example.org"],
  ["email", "anna@example@org"],
  ["email", "anna@-example.org"],
  ["email", "anna@example-.org"],
  ["email", "anna@example..org"],
  ["email", "anna@example.org."],
  ["email", "an na@example.org"],
  ["email", " anna@example.org"],
  ["email", "anna@example.org\n"],
  ["email", "anna@example.org\r\nBcc: all@example.org"],
  ["email", "anna\0@example.org"],
  ["email", "Anna <anna@example.org>"],
  ["email", '"anna"@example.org'],
  ["email", "anna@[127.0.0.1]"],
  ["email", "anna@exam_ple.org"],
  ["email", "an\u00a0na@example.org"],
  ["email", "an\u200bna@example.org"],
  ["email", "\u202eanna@example.org"],
  ["email", "\ud800@example.org"],
  ["email", `a@${"b".repeat(64)}.org`],
  ["email", `${"a".repeat(243)}@example.org`],
  ["email", 42],
  ["email", ["anna@example.org"]],
  ["name", ""],
  ["name", " "],
  ["name", "Anna\nBlake"],
  ["name", "Anna\0"],
  ["name", "\udc00"],
  ["name", "x".repeat(201)],
  ["name", 42],
  ["groups", "staff"],
  ["groups", null],
  ["groups", [""]],
  ["groups", ["a,b"]],
  ["groups", ["[staff]"]],
  ["groups", ["staff]"]],
  ["groups", ["sta\u0085ff"]],
  ["groups", ["a\0"]],
  ["groups", [7]],
  ["groups", [null]],
  ["groups", new Array(3)],
  ["groups", [["staff"]]],
  ["groups", ["g".repeat(201)]],
  ["groups", [...Array.from({ length: 10 }, () => "g".repeat(200)), "h"]],
  ["groups", Array.from({ length: 1001 }, () => "éé".slice(0, 2))],
  ["groups", { 0: "staff", length: 1 }],
  ["externalId", ""],
  ["externalId", 42],
  ["externalId", "4\x002"],
  ["externalId", "x".repeat(201)],
  ["username", "an na"],
  ["username", ""],
  ["username", null],
  ["username", 42],
  ["username", ["anna"]],
  ["username", "-anna"],
  ["username", "anna\0"],
  ["username", "x".repeat(65)],
];

describe("an attribute of an account", () => {
  it.each(GOOD)("is kept as given: %s %j", async (field, value) => {
    expect(await update({ [field]: value })).toMatchObject({ outcome: "done", account: { [field]: value } });
    expect(await accounts.find({ id: anna.id })).toMatchObject({ [field]: value });
  });

  it.each(BAD)("is refused, and nothing changes: %s %j", async (field, value) => {
    const before = await accounts.find({ id: anna.id });
    const refused = { outcome: "invalid", field, message: expect.stringMatching(/^[A-Z].*\.$/) };
    expect(await update({ name: "Another", [field]: value })).toEqual(refused);
    expect(await accounts.create({ username: "bert", [field]: value } as never)).toEqual(refused);
    expect(await accounts.find({ id: anna.id })).toEqual(before);
    expect(await accounts.find({ username: "bert" })).toBeUndefined();
  });

  it("is taken away by null", async () => {
    await update({ email: "anna@example.org", name: "Anna", externalId: "42", groups: ["staff"] });
    await update({ email: null, name: null, externalId: null, groups: [] });
    const bare = await accounts.find({ id: anna.id });
    expect(bare).toEqual(anna);
    expect(Object.keys(bare ?? {})).not.toContain("email");
  });
});
