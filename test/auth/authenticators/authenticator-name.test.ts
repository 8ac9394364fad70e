/** The names of authenticators: as typed, and made up where none is given. */
import { describe, expect, it } from "vitest";
import {
  defaultName,
  nameProblem,
  normaliseName,
} from "../../../src/auth/authenticators/authenticator-name.js";
import { MAX_NAME_LENGTH } from "../../../src/auth/policy.js";

describe("an authenticator's name", () => {
  it.each([
    ["Pixel 9", "Pixel 9"],
    ["  Pixel \t\r\n 9  ", "Pixel 9"],
    ["Pixel\u202e9", "Pixel 9"],
    ["Tel\u00e9fono 📱", "Tel\u00e9fono 📱"],
    ["\u200b\u0007 ", ""],
    ["", ""],
  ])("is read from %j: %j", (typed, name) => {
    expect(normaliseName(typed)).toBe(name);
  });

  it.each([
    ["", "empty"],
    ["🔑".repeat(MAX_NAME_LENGTH), undefined],
    ["🔑".repeat(MAX_NAME_LENGTH + 1), "too-long"],
    ["pixel 9", "taken"],
    ["Pixel 9 Pro", undefined],
  ])("is judged beside a Pixel 9: %j has the problem %j", (name, problem) => {
    expect(nameProblem(name, [{ name: "Pixel 9" }])).toBe(problem);
  });

  it("is made up when none is given, and is never taken", () => {
    const others: { name: string }[] = [];
    for (let n = 0; n < 4; n++) others.push({ name: defaultName(others) });
    expect(others.map(({ name }) => name)).toEqual([
      "Authenticator app",
      "Authenticator app 2",
      "Authenticator app 3",
      "Authenticator app 4",
    ]);
    expect(defaultName([{ name: "authenticator APP" }])).toBe("Authenticator app 2");
  });
});
