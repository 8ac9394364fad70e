/** Usernames as people type them. */
import { describe, expect, it } from "vitest";
import { parseUsername } from "../../../src/auth/passwords/username.js";
import fc from "../../support/properties.js";

describe("a username", () => {
  it.each([
    ["alice", "alice"],
    ["  Alice\n", "alice"],
    ["a.b_c@d+e-f", "a.b_c@d+e-f"],
    ["0", "0"],
    ["x".repeat(64), "x".repeat(64)],
    ["x".repeat(65), undefined],
    ["", undefined],
    [".alice", undefined],
    ["ali ce", undefined],
    ["älice", undefined],
    ["alice\0", undefined],
    ["ALİCE", undefined],
  ])("is read from %j: %j", (typed, name) => {
    expect(parseUsername(typed)).toBe(name);
  });

  it("stays the same when it is read again", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (typed) => {
        const name = parseUsername(typed);
        return name === undefined || parseUsername(name) === name;
      }),
    );
  });
});
