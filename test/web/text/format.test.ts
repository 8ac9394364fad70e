/** Keys and codes in groups, and the second of a time step. */
import { describe, expect, it } from "vitest";
import { groupsOfFour, groupsOfThree, secondOfStep } from "../../../src/web/text/format.js";

describe("a time step", () => {
  it("says how much of its 30 seconds has passed", () => {
    expect(secondOfStep(new Date("2026-11-24T14:32:05.678Z"))).toBe(5);
    expect(secondOfStep(new Date("2026-11-24T14:32:29.999Z"))).toBe(29);
    expect(secondOfStep(new Date("2026-11-24T14:32:30Z"))).toBe(0);
  });
});

describe("groups", () => {
  it("keep a key's letters apart by four, and a code's digits by three", () => {
    expect(groupsOfFour("JBSWY3DPEHPK3PXP")).toBe("JBSW Y3DP EHPK 3PXP");
    expect(groupsOfFour("JBSWY")).toBe("JBSW Y");
    expect(groupsOfFour("")).toBe("");
    expect(groupsOfThree("012345")).toBe("012\u00a0345");
  });
});
