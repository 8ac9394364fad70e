/** Writes bench/results/ into bench/README.md, docs/performance.md and its charts, so that no figure there is typed by hand. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { bars, latencies } from "./support/chart.mjs";
import { inShort, limit, rowsOf } from "./support/report.mjs";
import { summary } from "./support/rounds.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));
const RESULTS = path.join(root, "bench/results");
const TABLES = path.join(root, "bench/README.md");
const SUMMARY = path.join(root, "docs/performance.md");
const CHARTS = path.join(root, "docs/performance");

/**
 * The charts by file name: `bench` is the bench whose result is drawn; bars(), or the function in `form`, draws it with the
 * other options. `wanted` matches the target to mark, `of` names the contender to whose median that target is relative, and
 * `only` matches the contenders to draw.
 */
const CHARTED = {
  "login-page": {
    bench: "login-page",
    title: "Login pages a second",
    wanted: /bare Express route/,
    of: "bare Express route",
  },
  "sign-in": {
    bench: "sign-in",
    title: "Sign-ins a second, 8 at a time",
    only: /^(?!.*(in the clear|of no cost))/,
    wanted: /argon2id one at a time/,
    of: "naive port, argon2id one at a time",
  },
  verify: {
    bench: "verify",
    title: "Answers of /auth/verify a second",
    wanted: /bare Express route/,
    of: "bare Express route",
  },
  flood: {
    bench: "flood",
    title: "Answers in the calm and under the flood, ms",
    form: latencies,
    ours: /flood$/,
  },
  "start-up": {
    bench: "start-up",
    title: "From the start to the first answer, ms",
    wanted: /^start-up/,
    of: "better-auth",
  },
};

/** The results in bench/results/, each as report() has written it. */
export function kept() {
  if (!existsSync(RESULTS)) return [];
  return readdirSync(RESULTS)
    .filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(readFileSync(path.join(RESULTS, name), "utf8")));
}

const PLACES = /(<!-- bench (\S+) -->\n)[\s\S]*?(<!-- \/bench \2 -->)/g;

/**
 * Fills results into a Markdown text and returns it.
 * @param text has a pair of comments for each bench, <!-- bench NAME --> and <!-- /bench NAME -->, and one named `goals` for
 * all targets; the   text between them is replaced, or removed if there is no such result
 * @param results as report() writes them
 * @throws Error with `hasAll`, when the text has no place for a result
 */
export function filledIn(text, results, { hasAll = false } = {}) {
  const sections = new Map(results.map((result) => [result.name, `\n${section(result)}\n`]));
  const places = new Set();
  const filled = text.replace(PLACES, (_, open, name, close) => {
    places.add(name);
    return open + (name === "goals" ? `\n${goals(results)}\n\n` : (sections.get(name) ?? "")) + close;
  });
  const lost = [...sections.keys()].filter((name) => !places.has(name));
  if (hasAll && lost.length > 0) throw new Error(`There is no place for ${lost.join(", ")}.`);
  return filled;
}

/** Draws the charts: file name → SVG. */
export function charts(results) {
  const drawn = Object.entries(CHARTED).flatMap(([name, { bench, form = bars, only = /./, ...told }]) => {
    const result = results.find(({ name }) => name === bench);
    if (!result) return [];
    const rows = Object.entries(result.measured).filter(([contender]) => only.test(contender));
    const column = result.columns[0].key;
    const wanted = told.wanted && markOf(result, { column, ...told });
    return [
      [`${name}.svg`, form({ ...result, measured: Object.fromEntries(rows) }, { column, ...told, wanted })],
    ];
  });
  return Object.fromEntries(drawn);
}

/** The position of a target on a chart's scale; undefined if its contender could not be measured. */
function markOf({ measured, targets }, { column, wanted, of }) {
  const found = targets.find(({ what }) => wanted.test(what));
  if (!found) return undefined;
  const whole = of === undefined ? 1 : summary(measured[of].map((round) => round[column])).median;
  return {
    value: (found.atLeast ?? found.atMost) * whole,
    says: `wanted: ${limit(found)}${of === undefined ? "" : ` × ${of}`}`,
  };
}

function section({ columns, measured, targets, setting, machine, day }) {
  const parts = [table(["", ...columns.map(({ title }) => title)], rowsOf(columns, measured))];
  if (targets.length > 0) parts.push(table(["goal", "wanted", "measured", ""], targets.map(verdict)));
  parts.push(`${setting} Measured on ${day}: ${machine}.`);
  return `${parts.join("\n\n")}\n`;
}

/** A table of every target of every bench, held or missed. */
function goals(results) {
  const rows = results.flatMap(({ name, targets }) => targets.map((target) => [name, ...verdict(target)]));
  return table(["bench", "goal", "wanted", "measured", ""], rows);
}

function verdict(target) {
  const { what, values, holds } = target;
  return [what, limit(target), inShort(values), holds ? "held" : "**missed**"];
}

function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = `|${head.map((_, column) => (column === 0 ? "---" : "---:")).join("|")}|`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

function write() {
  const results = kept();
  writeFileSync(TABLES, filledIn(readFileSync(TABLES, "utf8"), results, { hasAll: true }));
  writeFileSync(SUMMARY, filledIn(readFileSync(SUMMARY, "utf8"), results));
  mkdirSync(CHARTS, { recursive: true });
  const drawn = charts(results);
  for (const file of readdirSync(CHARTS)) if (!(file in drawn)) rmSync(path.join(CHARTS, file));
  for (const [file, svg] of Object.entries(drawn)) writeFileSync(path.join(CHARTS, file), svg);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) write();
