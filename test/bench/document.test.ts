/** How results become tables, verdicts and charts. */
import { describe, expect, it } from "vitest";
import { charts, filledIn } from "../../bench/document.mjs";
import { latencies } from "../../bench/support/chart.mjs";

const PAGE =
  "Words before.\n\n<!-- bench doors -->\nwhat stood there\n<!-- /bench doors -->\n\nWords after.\n";

const result = (measured: Record<string, number[]>, more = {}) => ({
  name: "doors",
  day: "2026-11-28",
  machine: "2 × some processor",
  setting: "Doors opened by hand.",
  columns: [{ key: "perSecond", title: "doors/s", digits: 1 }],
  measured: Object.fromEntries(
    Object.entries(measured).map(([name, values]) => [name, values.map((perSecond) => ({ perSecond }))]),
  ),
  targets: [],
  ...more,
});

describe("the tables of a document", () => {
  it("put each result in its place, and leave the text around it", () => {
    const markdown = filledIn(PAGE, [result({ Latchkey: [1_000, 3_000, 2_000], other: [7.25] })]);
    expect(markdown).toMatch(/^Words before\.\n\n<!-- bench doors -->\n/);
    expect(markdown).toMatch(/<!-- \/bench doors -->\n\nWords after\.\n$/);
    expect(markdown).not.toContain("what stood there");
    expect(markdown).toContain("| Latchkey | 2,000.0 (1,000.0–3,000.0) |");
    expect(markdown).toContain("| other | 7.3 |");
    expect(markdown).toContain("Doors opened by hand. Measured on 2026-11-28: 2 × some processor.");
    expect(filledIn(markdown, [result({ Latchkey: [1_000, 3_000, 2_000], other: [7.25] })])).toBe(markdown);
  });

  it("say of each goal whether it was held, and of a tiny miss how tiny", () => {
    const targets = [
      { what: "of the others", values: [0.61, 0.6, 0.62], atLeast: 0.55, holds: true },
      { what: "that moved", values: [0.00012], atMost: 0, holds: false },
    ];
    const markdown = filledIn(PAGE, [result({ Latchkey: [1] }, { targets })]);
    expect(markdown).toContain("| of the others | at least 0.55 | 0.61 (0.60–0.62) | held |");
    expect(markdown).toContain("| that moved | at most 0 | 0.00012 | **missed** |");
  });

  it("refuse a result that has no place", () => {
    expect(() => filledIn("Nothing here.", [result({ Latchkey: [1] })], { hasAll: true })).toThrow(
      /no place for doors/,
    );
  });
});

describe("the charts", () => {
  it("draw a bar for each contender, whatever its name, ours in a colour of its own", () => {
    const drawn = charts([result({ Latchkey: [50], "<this> & that": [200, 100] }, { name: "login-page" })]);
    const svg: string = drawn["login-page.svg"] ?? "";
    expect(svg).toContain("&lt;this&gt; &amp; that");
    const bars = [...svg.matchAll(/<rect class="(\w+)" y="\d+" width="([\d.]+)"/g)];
    expect(bars.map(([, look]) => look)).toEqual(["ours", "other"]);
    const [ours, other] = bars.map(([, , width]) => Number(width));
    expect(Number(other) / Number(ours)).toBeCloseTo(4, 1);
  });

  it("draw times on a logarithmic scale", () => {
    const measured = { calm: [{ p50: 1, p99: 10 }], flooded: [{ p50: 100, p99: 1_000 }] };
    const svg = latencies({ measured }, { title: "times", ours: /./ });
    const places = [...svg.matchAll(/<circle class="ours" cx="([\d.]+)"/g)].map(([, at]) => Number(at));
    const steps = places.slice(1).map((at, n) => at - (places[n] ?? 0));
    expect(steps).toHaveLength(3);
    expect(Math.max(...steps) - Math.min(...steps)).toBeLessThan(0.3);
    expect(svg).toContain("100 to 1,000 ms");
  });

  it("refuse a name that is too long for the chart", () => {
    expect(() => charts([result({ ["a".repeat(80)]: [1] }, { name: "login-page" })])).toThrow(
      /too long for a chart/,
    );
  });
});
