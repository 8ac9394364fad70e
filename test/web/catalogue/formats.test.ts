/** Durations, drifts, moments and lists, as a language writes them. */
import { describe, expect, it } from "vitest";
import { createFormats } from "../../../src/web/catalogue/formats.js";

const { duration, about, time, list } = createFormats("en-GB");

describe("a duration", () => {
  it.each([
    [-5, "0 seconds"],
    [1, "1 second"],
    [59_001, "1 minute"],
    [60_000, "1 minute"],
    [150_000, "2 minutes 30 seconds"],
    [3_599_001, "1 hour"],
    [5_400_000, "1 hour 30 minutes"],
    [86_400_000, "1 day"],
    [30 * 86_400_000, "30 days"],
    [90_000_000, "1 day 1 hour"],
  ])("of %d ms has at most two units: %s", (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it("is never shorter than what it says", () => {
    for (let ms = 1; ms < 4_000_000; ms += 997) {
      const [first = "0", unit = "", second = "0", smaller = ""] = duration(ms).split(" ");
      expect(inMs(first, unit) + inMs(second, smaller), `${ms}`).toBeGreaterThanOrEqual(ms);
    }
  });

  function inMs(count: string, unit: string): number {
    const lengths = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };
    return Number(count) * (lengths[unit.replace(/s$/, "") as keyof typeof lengths] ?? 0);
  }
});

describe("how far a clock is off", () => {
  it.each([
    [-21, "20 seconds"],
    [60, "1 minute"],
    [-90, "1½ minutes"],
    [150, "2½ minutes"],
    [3_600, "1 hour"],
    [5_400, "1½ hours"],
  ])("%d s is %s", (seconds, text) => {
    expect(about(seconds)).toBe(text);
  });
});

describe("a moment", () => {
  const at = new Date("2026-11-24T14:32:05Z");

  it.each([
    ["clock", "14:32 UTC"],
    ["exact", "14:32:05 UTC"],
    ["day", "24 Nov 2026"],
    ["short", "24 Nov 2026, 14:32 UTC"],
  ] as const)("in the style %s says its zone where it has a time: %s", (style, text) => {
    expect(time(at, style)).toContain(`>${text}</time>`);
  });

  it("is whole in its title, but for a running clock", () => {
    expect(time(at, "short")).toContain('title="Tuesday, 24 November 2026 at 14:32:05 UTC"');
    expect(time(at, "exact")).not.toContain("title");
  });
});

describe("a list", () => {
  it("is joined as the language does", () => {
    expect(list(["a"])).toBe("a");
    expect(list(["a", "b", "c"])).toBe("a, b and c");
    expect(list(["a", "b", "c"], "disjunction")).toBe("a, b or c");
    expect(createFormats("de").list(["a", "b", "c"])).toBe("a, b und c");
    expect(createFormats("de").duration(150_000)).toBe("2 Minuten 30 Sekunden");
  });
});
