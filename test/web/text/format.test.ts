/** Times, durations and lists in plain English. */
import { describe, expect, it } from "vitest";
import {
  aboutHowLong,
  algorithmName,
  capital,
  clock,
  contactHref,
  day,
  driftText,
  duration,
  exactClock,
  groupsOfFour,
  groupsOfThree,
  listOf,
  methodNames,
  moment,
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

describe("aboutHowLong", () => {
  it.each([
    [15, "20 seconds"],
    [20, "20 seconds"],
    [24, "20 seconds"],
    [54, "50 seconds"],
    [55, "1 minute"],
    [60, "1 minute"],
    [74, "1 minute"],
    [75, "1½ minutes"],
    [90, "1½ minutes"],
    [120, "2 minutes"],
    [150, "2½ minutes"],
    [600, "10 minutes"],
    [615, "10½ minutes"],
    [3_540, "59 minutes"],
    [3_584, "59½ minutes"],
    [3_585, "1 hour"],
    [3_600, "1 hour"],
    [5_400, "1½ hours"],
    [7_200, "2 hours"],
    [19_800, "5½ hours"],
    [50_400, "14 hours"],
  ])("says %d s, of either sign, as %s", (seconds, words) => {
    expect(aboutHowLong(seconds)).toBe(words);
    expect(aboutHowLong(-seconds)).toBe(words);
  });

  it("is off by half a unit at most, and has the right plural", () => {
    const units = new Map(Object.entries({ second: 1, minute: 60, hour: 3_600 }));
    const isRight = (seconds: number) => {
      const said = /^(\d+)(½?) (second|minute|hour)(s?)$/.exec(aboutHowLong(seconds)) ?? [];
      const [, whole, half, name = "", plural] = said;
      const unit = units.get(name) ?? Number.NaN;
      const size = (Number(whole) + (half ? 0.5 : 0)) * unit;
      return Math.abs(size - seconds) <= Math.max(5, unit / 4) && (plural === "s") === (size !== unit);
    };
    const all = Array.from({ length: 50_400 }, (_, second) => second + 1);
    expect(all.filter((seconds) => seconds >= 15 && !isRight(seconds))).toEqual([]);
  });
});

describe("clockText", () => {
  it.each([
    [0, "Its clock agrees with ours"],
    [14, "Its clock agrees with ours"],
    [-14, "Its clock agrees with ours"],
    [15, "Its clock is about 20 seconds ahead"],
    [-15, "Its clock is about 20 seconds behind"],
    [-150, "Its clock is about 2½ minutes behind"],
    [600, "Its clock is about 10 minutes ahead"],
  ])("says of a clock %d s ahead: %s", (seconds, words) => {
    expect(driftText(seconds)).toBe(words);
  });
});

describe("algorithmName", () => {
  it("writes names as apps do", () => {
    expect(["SHA1", "SHA256", "SHA512"].map(algorithmName)).toEqual(["SHA-1", "SHA-256", "SHA-512"]);
  });
});

describe("times", () => {
  const date = new Date("2026-11-24T14:32:05.678Z");

  it("are in UTC, wherever the server stands", () => {
    expect(clock(date)).toBe("14:32 UTC");
    expect(exactClock(date)).toBe("14:32:05 UTC");
    expect(day(date)).toBe("24 November 2026");
    expect(day(new Date("2026-11-24T23:59:59Z"))).toBe("24 November 2026");
    expect(moment(date)).toBe("24 November 2026 at 14:32 UTC");
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

  it("name what a session was opened with", () => {
    expect(methodNames(["password", "totp"])).toBe("your password and a code from your authenticator");
    expect(methodNames(["constructor"])).toBe("constructor");
  });
});

describe("capital", () => {
  it("begins a line with a capital letter", () => {
    expect(capital("an unknown browser")).toBe("An unknown browser");
    expect(capital("Firefox on Windows")).toBe("Firefox on Windows");
    expect(capital("")).toBe("");
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

describe("contactHref", () => {
  it("links mail addresses and pages, and nothing else", () => {
    expect(contactHref("help@example.org")).toBe("mailto:help@example.org");
    expect(contactHref("https://help.example.org/x")).toBe("https://help.example.org/x");
    expect(contactHref("the desk on floor 3")).toBeUndefined();
    expect(contactHref("javascript:alert(1)")).toBeUndefined();
    expect(contactHref("javascript:a@b")).toBeUndefined();
  });
});
