/** Hostile input to `latchkey.accounts`: it costs little, is refused with a reason, and stays inert on every page. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Account, Accounts } from "../../src/public-accounts.js";
import { accountsOf, created, PASSWORD } from "../support/accounts.js";
import { succeed } from "../support/operator.js";
import { newOwner } from "../support/owner.js";
import { openWorld, type World } from "../support/world.js";

let world: World;
let accounts: Accounts;
let anna: Account;
beforeAll(async () => {
  world = await openWorld({ DEMO: "off" });
  accounts = accountsOf(world);
  anna = await created(accounts, { username: "anna", password: PASSWORD });
});

const MANY = 10_000_000;
const LONG: [field: string, value: unknown][] = [
  ["username", "a".repeat(MANY)],
  ["username", " ".repeat(MANY)],
  ["username", "\u0130".repeat(MANY)],
  ["email", `${"a".repeat(MANY)}@example.org`],
  ["email", `a@${"b.".repeat(MANY / 2)}org`],
  ["email", "@".repeat(MANY)],
  ["name", "\u0301".repeat(MANY)],
  ["name", " ".repeat(MANY)],
  ["groups", ["g".repeat(MANY)]],
  ["groups", Array(1_000_000).fill("g")],
  ["groups", Array(2_000).fill(" ")],
  ["groups", new Array(2 ** 32 - 1)],
  ["externalId", "\u{1F98A}".repeat(MANY / 2)],
];

/** Holds the event loop for as long as this (ms), measured from outside of it. */
async function blockedBy(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  const done = work();
  // What is synchronous has run by now.
  const held = performance.now() - began;
  await done;
  return held;
}

describe("a value without end", () => {
  it.each(LONG.map(([field, value], n) => ({ n, field, value })))(
    "is refused before it is looked at: $field, number $n",
    async ({ field, value }) => {
      let refused: unknown;
      const held = await blockedBy(async () => {
        refused = await accounts.update(anna.id, { [field]: value });
      });
      expect(held).toBeLessThan(50);
      expect(refused).toMatchObject({ outcome: "invalid", field });
      expect(JSON.stringify(refused).length).toBeLessThan(400);
    },
  );

  it("is refused as a password", async () => {
    const long = "kT9#vB2q".repeat(MANY / 8);
    expect(await accounts.setPassword(anna.id, long)).toMatchObject({ reason: "long" });
    expect(await accounts.create({ username: "bert", password: long })).toMatchObject({ reason: "long" });
  });
});

describe("a key of a prototype", () => {
  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])("changes nothing: %s", async (key) => {
    const given = JSON.parse(`{"name":"Anna","${key}":{"emailConfirmed":true,"isAdmin":true}}`);
    await expect(accounts.update(anna.id, given)).rejects.toThrow(`${key} is none of them`);
    await expect(accounts.find(given)).rejects.toThrow(TypeError);
    expect(({} as Record<string, unknown>).isAdmin).toBeUndefined();
    expect(await accounts.find({ id: anna.id })).toEqual(anna);
  });
});

describe("a list that is none", () => {
  it("is refused when it says another length than it has, or throws", async () => {
    const lying = new Proxy(["staff"], {
      get: (list, key) => (key === "length" ? 0 : Reflect.get(list, key)),
    });
    expect((await accounts.update(anna.id, { groups: lying })).outcome).toMatch(/^(done|invalid)$/);
    const throwing = new Proxy(["staff"], {
      get: () => {
        throw new Error("no");
      },
    });
    await expect(accounts.update(anna.id, { groups: throwing })).rejects.toThrow("no");
    await accounts.update(anna.id, { groups: [] });
  });
});

const MARKUP = '"><img src=x onerror=alert(1)><!--';
const WRITINGS = [
  MARKUP,
  "\u202egnp.exe",
  "=cmd|' /C calc'!A0",
  "$" + "{jndi:ldap://x}",
  "{{7*7}}<%= 7*7 %>",
  "'; drop table accounts; --",
];

describe("an attribute with markup or code", () => {
  it("is kept as given, and inert on every page", async () => {
    const owner = await newOwner(world, "carol");
    const { id } = owner;
    // Another account: one that becomes another person's signs everybody out.
    const other = await created(accounts, { username: "Cole", externalId: "c" });
    for (const text of WRITINGS) {
      const changes = { name: text, groups: [text.replace(/[,[\]]/g, "")] };
      expect(await accounts.update(id, changes)).toMatchObject({ outcome: "done", account: changes });
      const joined = await accounts.update(other.id, { externalId: text });
      expect(joined).toMatchObject({ outcome: "done", account: { externalId: text } });
    }
    await accounts
      .update(id, { email: "o'<b>neil@example.org" })
      .then(({ outcome }) => expect(outcome).toBe("invalid"));
    await accounts.update(id, { email: "o'neil&amp;{}@example.org", name: MARKUP, groups: [MARKUP] });
    // As a label of one of the host's people: it stands where the username does.
    await world.store.accounts.update(id, { username: MARKUP });
    const pages = world.urls.pages.filter(([method]) => method === "GET");
    let shown = 0;
    for (const [, path] of pages) {
      const { text = "" } = await owner.visitor.get(path.replace(/:\w+/g, "x"));
      expect(text, path).not.toContain("<img src=x");
      if (text.includes("&lt;img src=x")) shown++;
    }
    expect(shown).toBeGreaterThan(0);
    await world.store.accounts.update(id, { username: "carol" });
  });

  it("is one line of JSON in the log, whatever is in a label", async () => {
    const { id } = await created(accounts, { username: "Dora", externalId: "d" });
    world.logLines.splice(0);
    for (const text of WRITINGS) await accounts.update(id, { username: text });
    const renamed = world.logLines.map((line) => JSON.parse(line));
    expect(renamed.map(({ username }) => username)).toEqual(WRITINGS);
    expect(world.logLines.join("").trimEnd().split("\n")).toHaveLength(WRITINGS.length);
  });

  it("cannot turn round or break a line of the list in a terminal", async () => {
    await created(accounts, { username: "Ed\u202e\u2028 \u200b", externalId: "e" });
    const out = await succeed(world, ["list"]);
    expect(out).not.toMatch(/[\u202e\u2028\u200b]/);
    const json = JSON.parse(await succeed(world, ["list", "--json"]));
    expect(json).toContainEqual(expect.objectContaining({ username: "Ed\u202e\u2028 \u200b" }));
  });
});
