/** Names and codes as people type them. */

import { describe, expect, it } from "vitest";
import { nameProblem, someName, tidyName } from "../../src/auth/authenticator-name.js";
import { codeOf } from "../../src/auth/code.js";
import { usernameOf } from "../../src/auth/username.js";
import fc from "../support/properties.js";

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

describe("an authenticator's name", () => {
  it.each([
    ["Pixel 9", "Pixel 9"],
    ["  Pixel \t\r\n 9  ", "Pixel 9"],
    ["Pixel\u202e9", "Pixel 9"],
    ["Tel\u00e9fono 📱", "Tel\u00e9fono 📱"],
    ["\u200b\u0007 ", ""],
    ["", ""],
  ])("typed %j is kept as %j", (typed, name) => {
    expect(tidyName(typed)).toBe(name);
  });

  it.each([
    ["", "empty"],
    ["🔑".repeat(64), undefined],
    ["🔑".repeat(65), "too-long"],
    ["pixel 9", "taken"],
    ["Pixel 9 Pro", undefined],
  ])("beside a Pixel 9, %j has the problem %j", (name, problem) => {
    expect(nameProblem(name, [{ name: "Pixel 9" }])).toBe(problem);
  });

  it("that was not given is found, and is never taken", () => {
    const others: { name: string }[] = [];
    for (let n = 0; n < 4; n++) others.push({ name: someName(others) });
    expect(others.map(({ name }) => name)).toEqual([
      "Authenticator app",
      "Authenticator app 2",
      "Authenticator app 3",
      "Authenticator app 4",
    ]);
    expect(someName([{ name: "authenticator APP" }])).toBe("Authenticator app 2");
  });
});
