/** docs/accounts.md has each method of `latchkey.accounts` with its outcomes, and each field of an account, as the types have them. */
import { describe, expect, it } from "vitest";
import { ACCOUNT_TYPES } from "../support/account-types.js";
import { read } from "./document.js";

const page = read("docs/accounts.md");

/** The words in backquotes. */
const words = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, word]) => word ?? "");

describe("docs/accounts.md", () => {
  it("has each method with its outcomes", () => {
    const rows = [...page.matchAll(/^\| `(\w+)` \| ([^|]*) \| [^|]+ \|$/gm)];
    const told = rows.map(([, method, outcomes = ""]) => [method, words(outcomes).sort()]);
    const declared = (ACCOUNT_TYPES.Accounts ?? []).map((method) => [
      method.match(/^\w+/)?.[0],
      outcomesIn(method).sort(),
    ]);
    expect(told).toEqual(declared);
  });

  it("has each field of an account", () => {
    const [, table = ""] = page.split("## What an account has");
    const told = [...table.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = ""]) => words(cell));
    const declared = (ACCOUNT_TYPES.Account ?? []).map((member) => member.match(/^\w+/)?.[0]);
    expect(told.toSorted()).toEqual(declared.toSorted());
  });
});

/** The outcomes that a declared method promises. `Done` stands for `done`, `OneTimeLink` for `link`. */
function outcomesIn(method: string): string[] {
  const [, answer = ""] = method.split("): Promise<");
  const refused = [...answer.matchAll(/Refused<([^>]+)>/g)].flatMap(([, names = ""]) => quoted(names));
  const own = [...answer.matchAll(/outcome: ("[a-z-]+")/g)].flatMap(([, name = ""]) => quoted(name));
  const named = [/\bDone\b/.test(answer) && "done", /\bOneTimeLink\b/.test(answer) && "link"];
  return [...new Set([...own, ...refused, ...named.filter((one) => one !== false)])];
}

function quoted(text: string): string[] {
  return [...text.matchAll(/"([a-z-]+)"/g)].map(([, word]) => word ?? "");
}
