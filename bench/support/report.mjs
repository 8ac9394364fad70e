/** Prints a bench's result as a table and, with `npm run bench -- --write`, saves it for docs/performance.md. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { machine } from "./machine.mjs";
import { summary } from "./rounds.mjs";

/**
 * @param result {
 *   name: the bench's file name, without its extension;
 *   setting: how it was measured, in one sentence;
 *   columns: [{ key, title, digits }] of the table;
 *   measured: contender → one object per round, as from inRounds;
 *   targets: from target()
 * }
 * A missed target is printed as missed but does not fail the run: the reader judges it.
 */
export function report({ name, setting, columns, measured, targets = [] }) {
  console.log(`${setting}\n`);
  console.log(table(["", ...columns.map(({ title }) => title)], rowsOf(columns, measured)));
  for (const one of targets) {
    console.log(
      `${one.holds ? "held  " : "MISSED"} ${one.what}: ${inShort(one.values)}; wanted: ${limit(one)}`,
    );
  }
  const folder = process.env.BENCH_RESULTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  const day = new Date().toISOString().slice(0, 10);
  const kept = { name, day, machine: machine(), setting, columns, measured, targets };
  writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(kept, null, 1)}\n`);
}

/** A target and whether the median meets it. @param limit { atLeast } or { atMost } */
export function target(what, values, limit) {
  const { median } = summary(values);
  const holds = limit.atLeast === undefined ? median <= limit.atMost : median >= limit.atLeast;
  return { what, values, ...limit, holds };
}

/** The ratio of two contenders' values, round by round. */
export function ratios(measured, one, other, key) {
  return measured[one].map((round, index) => round[key] / measured[other][index][key]);
}

/** The table's cells as text: median (minimum–maximum). */
export function rowsOf(columns, measured) {
  return Object.entries(measured).map(([contender, rounds]) => [
    contender,
    ...columns.map(({ key, digits = 0 }) => {
      const values = rounds.map((round) => round[key]).filter((value) => value !== undefined);
      return values.length === 0 ? "–" : text(summary(values), digits);
    }),
  ]);
}

/** A target's limit as text. */
export function limit({ atLeast, atMost }) {
  return atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
}

/** Numbers as text, median (minimum–maximum), with suitable digits. */
export function inShort(values) {
  const { median, most } = summary(values);
  if (values.every(Number.isInteger)) return text(summary(values), 0);
  return text(summary(values), most < 0.01 ? 5 : median < 10 ? 2 : median < 100 ? 1 : 0);
}

function text({ median, least, most }, digits) {
  const [middle, from, to] = [median, least, most].map((value) => amount(value, digits));
  return from === to ? middle : `${middle} (${from}–${to})`;
}

/** A number as people write it: 86,000. */
export function amount(value, digits = 0) {
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function table(head, rows) {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column].length)),
  );
  const line = (cells) =>
    `  ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join("   ")}`;
  return `${[head, ...rows].map(line).join("\n")}\n`;
}
