/** Mistakes in a call of `latchkey.accounts`: a TypeError with a sentence, in a rejected promise, and nothing done. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Accounts } from "../../src/public-accounts.js";
import { accountsOf } from "../support/accounts.js";
import { openWorld } from "../support/world.js";

let accounts: Accounts;
beforeAll(async () => {
  accounts = accountsOf(await openWorld({ DEMO: "off" }));
});

class Row {
  username = "anna";
}

const MISTAKES: [call: string, argument: unknown, sentence: RegExp][] = [
  ["create", undefined, /^accounts\.create takes an object with username, password, .*, not undefined\.$/],
  ["create", "anna", /not "anna"\.$/],
  ["create", new Row(), /an instance of a class/],
  ["create", [], /a list/],
  ["create", { username: "anna", role: "admin" }, /role is none of them\.$/],
  ["create", JSON.parse('{"username":"anna","__proto__":{"password":"x"}}'), /__proto__ is none of them/],
  ["create", Object.create({ username: "anna" }), /accounts\.create takes an object/],
  ["create", { username: "anna", [Symbol("s")]: 1 }, /Symbol\(s\) is none of them/],
  ["create", { username: "anna", password: 12345678 }, /^accounts\.create: password must be a string\.$/],
  ["create", { username: "anna", password: null }, /password must be a string/],
  ["create", { username: "anna", emailConfirmed: "yes" }, /emailConfirmed must be true or false/],
  ["find", undefined, /accounts\.find takes an object with id, username and externalId/],
  ["find", {}, /one of id, username and externalId/],
  ["find", { id: "x", username: "anna" }, /one of id, username and externalId/],
  ["find", { email: "anna@example.org" }, /email is none of them/],
  ["list", { limit: 0 }, /limit must be a whole number from 1 on/],
  ["list", { limit: -1 }, /limit must be/],
  ["list", { limit: 1.5 }, /limit must be/],
  ["list", { limit: Number.NaN }, /limit must be/],
  ["list", { limit: "10" }, /limit must be/],
  ["list", { after: 5 }, /after must be the `next` of a page/],
  ["list", { after: ["x"] }, /after must be/],
  ["list", { page: 2 }, /page is neither|page is none/],
];

/** What a call rejects with. */
const mistake = (call: Promise<unknown>): Promise<Error> =>
  call.then(
    () => new Error("It was no mistake."),
    (error) => error,
  );

describe("a mistake in a call", () => {
  it.each(MISTAKES)("gets a sentence that says what is wrong: %s %j", async (call, argument, sentence) => {
    const method = accounts[call as "create"] as (argument: unknown) => Promise<unknown>;
    const error = await mistake(method(argument));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(sentence);
    expect(error.message).not.toContain("12345678");
    expect(await accounts.list()).toEqual({ accounts: [] });
  });

  it.each([[undefined], ["name"], [{ password: "x" }], [{ id: "x" }]])(
    "throws for an update with %j",
    async (changes) => {
      await expect(accounts.update("id", changes as never)).rejects.toThrow(/accounts\.update /);
    },
  );

  it.each([[undefined], [12345678], [null], [["x"]]])(
    "throws for a password that is %j",
    async (password) => {
      await expect(accounts.setPassword("id", password as never)).rejects.toThrow(/accounts\.setPassword/);
    },
  );

  it("is short, however long the argument", async () => {
    const error = await mistake(accounts.create("x".repeat(1e6) as never));
    expect(error.message.length).toBeLessThan(400);
  });
});
