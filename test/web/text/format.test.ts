/** Times, durations and lists in plain English. */
import { describe, expect, it } from "vitest";
import {
  day,
  duration,
  groupsOfFour,
  groupsOfThree,
  listOf,
  secondOfStep,
} from "../../../src/web/text/format.js";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe("duration", () => {
  it.each([
    [0, "0 seconds"],
    [1, "1 second"],
    [SECOND, "1 second"],
    [12 * SECOND, "12 seconds"],
    [59 * SECOND + 1, "1 minute"],
    [MINUTE, "1 minute"],
    [MINUTE + SECOND, "1 minute 1 second"],
    [150 * SECOND, "2 minutes 30 seconds"],
    [HOUR - 1, "1 hour"],
    [HOUR + 5 * MINUTE, "1 hour 5 minutes"],
    [24 * HOUR - 1, "1 day"],
    [49 * HOUR, "2 days 1 hour"],
    [30 * 24 * HOUR, "30 days"],
  ])("says %d ms as %s", (ms, words) => {
    expect(duration(ms)).toBe(words);
  });

  it("rounds up, so that nobody comes back too early", () => {
    expect(duration(11 * SECOND + 1)).toBe("12 seconds");
    expect(duration(HOUR + 1)).toBe("1 hour 1 minute");
  });

  it("says 0 seconds when the time is over", () => {
    expect(duration(-5 * SECOND)).toBe("0 seconds");
  });
});

describe("times", () => {
  const date = new Date("2026-11-24T14:32:05.678Z");

  it("are in UTC, wherever the server stands", () => {
    expect(day(date)).toBe("24 November 2026");
    expect(day(new Date("2026-11-24T23:59:59Z"))).toBe("24 November 2026");
  });

  it("say how much of the 30-second time step has passed", () => {
    expect(secondOfStep(date)).toBe(5);
    expect(secondOfStep(new Date("2026-11-24T14:32:29.999Z"))).toBe(29);
    expect(secondOfStep(new Date("2026-11-24T14:32:30Z"))).toBe(0);
  });
});

describe("lists", () => {
  it("are joined as in a sentence", () => {
    expect(listOf([])).toBe("");
    expect(listOf(["a"])).toBe("a");
    expect(listOf(["a", "b"])).toBe("a and b");
    expect(listOf(["a", "b", "c"], "or")).toBe("a, b or c");
  });
});

describe("groupsOfFour", () => {
  it("splits a secret and changes nothing else", () => {
    expect(groupsOfFour("JBSWY3DPEHPK3PXP")).toBe("JBSW Y3DP EHPK 3PXP");
    expect(groupsOfFour("JBSWY3")).toBe("JBSW Y3");
    expect(groupsOfFour("")).toBe("");
  });
});

describe("groupsOfThree", () => {
  it("splits a code and changes nothing else", () => {
    expect(groupsOfThree("012345")).toBe("012\u00a0345");
  });
});
