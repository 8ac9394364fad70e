/** Names and codes as people type them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "../../src/auth/code.js";
import { usernameOf } from "../../src/auth/username.js";

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
  ])("typed %j is %j", (typed, name) => {
    expect(usernameOf(typed)).toBe(name);
  });

  it("stays as it is when it is looked up again", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (typed) => {
        const name = usernameOf(typed);
        return name === undefined || usernameOf(name) === name;
      }),
    );
  });
});

describe("a code", () => {
  it.each([
    ["012345", "012345"],
    ["012 345", "012345"],
    ["012-345", "012345"],
    [" 0 1 2 3 4 5\r\n", "012345"],
    ["12345", undefined],
    ["1234567", undefined],
    ["1e5000", undefined],
    ["+12345", undefined],
    ["１２３４５６", undefined],
    ["١٢٣٤٥٦", undefined],
    ["", undefined],
  ])("typed %j is %j", (typed, code) => {
    expect(codeOf(typed)).toBe(code);
  });
});
