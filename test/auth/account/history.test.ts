/** Lines of the history, merged: equal refusals in a row are one entry. */
import { describe, expect, it } from "vitest";
import { EVENTS, type HistoryLine, mergeRepeats, type SecurityEventType } from "../../../src/auth/index.js";

const LINE: HistoryLine = {
  at: new Date("2026-11-24T07:47:00Z"),
  type: "code-refused",
  reason: "wrong",
  subject: undefined,
  byKind: undefined,
  device: "Firefox",
  address: "203.0.113.7",
};

const MINUTE = 60_000;

/** Lines a minute apart, the newest first. */
const lines = (...overs: Partial<HistoryLine>[]): HistoryLine[] =>
  overs.map((over, n) => ({
    ...LINE,
    at: new Date(LINE.at.getTime() + (overs.length - 1 - n) * MINUTE),
    ...over,
  }));

const counts = (of: HistoryLine[]) => mergeRepeats(of).map(({ count }) => count);

describe("a run of equal refusals", () => {
  it("becomes one entry with its count, its first and its last moment", () => {
    const merged = mergeRepeats(lines({}, {}, {}));
    expect(merged).toEqual([
      {
        ...LINE,
        at: new Date("2026-11-24T07:49:00Z"),
        firstAt: new Date("2026-11-24T07:47:00Z"),
        count: 3,
        isProblem: true,
      },
    ]);
  });

  it.each<[string, Partial<HistoryLine>]>([
    ["type", { type: "recovery-code-refused" }],
    ["reason", { reason: "used" }],
    ["subject", { subject: "150" }],
    ["browser", { device: "curl" }],
    ["address", { address: "198.51.100.9" }],
  ])("ends where the %s differs", (_what, other) => {
    expect(counts(lines({}, {}, other, {}))).toEqual([2, 1, 1]);
    expect(counts(lines(other, other, {}))).toEqual([2, 1]);
  });

  it("ends where more than an hour lies between two, and not at midnight", () => {
    const at = (text: string) => ({ at: new Date(text) });
    const [last, next, first] = ["2026-11-25T01:30:01Z", "2026-11-25T00:30:00Z", "2026-11-24T23:30:00Z"];
    expect(counts(lines(at(last), at(next), at(first)))).toEqual([1, 2]);
  });

  it("ends where anything else happened", () => {
    expect(counts(lines({}, { type: "signed-in", reason: "password totp" }, {}))).toEqual([1, 1, 1]);
  });
});

describe("lines that are no refusals", () => {
  it.each(["signed-in", "password-changed", "password-accepted", "from-a-newer-version"])(
    "stay as many entries as they are: %s",
    (type) => {
      expect(counts(lines({ type }, { type }))).toEqual([1, 1]);
    },
  );

  it("are none when there are none", () => {
    expect(mergeRepeats([])).toEqual([]);
  });
});

describe("a problem", () => {
  it("is every event that is a failure, and a right password without a second step", () => {
    const types = Object.keys(EVENTS) as SecurityEventType[];
    const problems = mergeRepeats(lines(...types.map((type) => ({ type })))).filter((one) => one.isProblem);
    const failures = types.filter((type) => EVENTS[type].outcome === "failure");
    expect(problems.map(({ type }) => type)).toEqual(["password-accepted", ...failures]);
  });
});
