/** The tables of docs/server-clock.md, computed again by simulation and compared. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { driftSeen, driftsOf, seeded, TYPING, verdictOn } from "../../support/phones.js";

const document = readFileSync(new URL("../../../docs/server-clock.md", import.meta.url), "utf8");

const WINDOWS = 2_000;

/** Exactly as many drifts: a person whose code fits nowhere is not counted. */
function counted(people: number, draw: (count: number) => number[]): number[] {
  const drifts: number[] = [];
  while (drifts.length < people) drifts.push(...draw(people - drifts.length));
  return drifts;
}

/** Many windows judged: how often which verdict came, and what the estimates were. */
function judged(windows: number, drifts: (random: () => number) => number[]) {
  const random = seeded(20_261_124);
  const verdicts = { "too-few": 0, right: 0, off: 0 };
  const seconds: number[] = [];
  for (let n = 0; n < windows; n++) {
    const verdict = verdictOn(drifts(random));
    verdicts[verdict.verdict] += 1;
    if (verdict.verdict !== "too-few") seconds.push(verdict.seconds);
  }
  seconds.sort((a, b) => a - b);
  return { verdicts, seconds };
}

function share(part: number, whole: number): string {
  return part === whole ? "100 %" : `${(Math.floor((part / whole) * 1_000) / 10).toFixed(1)} %`;
}

/** The middle of the estimates, and between which bounds 98 of 100 are. */
function estimate(seconds: number[]): [string, string] {
  if (seconds.length === 0) return ["none", "none"];
  const at = (part: number) => signed(seconds[Math.floor(part * (seconds.length - 1))] ?? Number.NaN);
  return [at(0.5), `${at(0.01)} to ${at(0.99)}`];
}

function signed(seconds: number): string {
  return seconds > 0 ? `+${seconds}` : `${seconds}`.replace("-", "−");
}

function row(...cells: (string | number)[]): string {
  return `| ${cells.join(" | ")} |`;
}

describe("docs/server-clock.md", () => {
  it("has the table of verdicts", () => {
    const rows = [10, 50, 200].flatMap((people) =>
      [0, 20, -20, 45, -45, 90, -90].map((serverAhead) => {
        const drifts = (random: () => number) =>
          counted(people, (count) => driftsOf(random, count, { serverAhead, badly: 0.04 }));
        const { verdicts, seconds } = judged(WINDOWS, drifts);
        const wanted = serverAhead === 0 ? "right" : "off";
        return row(
          people,
          signed(serverAhead),
          wanted,
          share(verdicts[wanted], WINDOWS),
          ...estimate(seconds),
        );
      }),
    );
    const table = [
      row("accounts", "truly ahead (s)", "wanted", "got", "estimate (s)", "98 of 100"),
      "|---|---|---|---|---|---|",
    ];
    expect(document).toContain([...table, ...rows].join("\n"));
  });

  it("has the table of bad phones", () => {
    const cases: [string, number, number, "right" | "too-few"][] = [
      ["one of 10 accounts, 5 min behind", 10, 1, "right"],
      ["4 of 10 accounts, 5 min behind", 10, 4, "right"],
      ["one of 50 accounts, 5 min behind", 50, 1, "right"],
      ["all of 3 accounts, 5 min behind", 3, 3, "too-few"],
    ];
    const rows = cases.map(([name, people, bad, wanted]) => {
      const drifts = (random: () => number) =>
        Array.from({ length: people }, (_, n) => driftSeen(random, n < bad ? -300 : 0, 0) ?? 0);
      const { verdicts, seconds } = judged(WINDOWS, drifts);
      return row(name, wanted, share(verdicts[wanted], WINDOWS), ...estimate(seconds));
    });
    const table = [
      row("wrong phones", "wanted", "got", "estimate (s)", "98 of 100"),
      "|---|---|---|---|---|",
    ];
    expect(document).toContain([...table, ...rows].join("\n"));
  });

  it("has the table of false alarms", () => {
    const rows = Object.entries(TYPING).map(([name, typing]) => {
      const alarms = [10, 20, 50, 200].map((people) => {
        const windows = 1_000_000 / people;
        const drifts = (random: () => number) =>
          counted(people, (count) => driftsOf(random, count, { serverAhead: 0, badly: 0.03, typing }));
        return `${judged(windows, drifts).verdicts.off} of ${windows.toLocaleString("en-GB")}`;
      });
      return row(name, ...alarms);
    });
    const table = [row("typing", "10 accounts", "20", "50", "200"), "|---|---|---|---|---|"];
    expect(document).toContain([...table, ...rows].join("\n"));
  });
});
