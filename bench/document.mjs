/** Writes what is kept in bench/results/ into docs/performance.md and its charts: no figure there is typed by hand. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { bars, latencies } from "./support/chart.mjs";
import { amount, rowsOf, text } from "./support/report.mjs";
import { summary } from "./support/rounds.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));
const RESULTS = path.join(root, "bench/results");
const DOCUMENT = path.join(root, "docs/performance.md");
const CHARTS = path.join(root, "docs/performance");

/**
 * What is drawn of each bench, or else bars of its first column. `wanted` is the number of the target that is marked, and `of`
 * the contender whose median it is a part of.
 */
const DRAWN = {
  "login-page": [{ title: "Login pages a second", wanted: 0, of: "bare Express route" }],
  bytes: [
    { title: "First visit of the login page, KB over the wire", column: "firstKb", wanted: 0 },
    { title: "From the first byte to the first contentful paint, ms", column: "paintMs", wanted: 3 },
  ],
};

/** The results that are kept. */
export function kept() {
  return readdirSync(RESULTS)
    .filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(readFileSync(path.join(RESULTS, name), "utf8")));
}

/**
 * @param markdown with a pair of comments for each bench, <!-- bench NAME --> and <!-- /bench NAME -->; what stands between is replaced
 * @param results as report() keeps them
 * @returns the new markdown, and the charts as file name → SVG
 * @throws Error when a result has no place in it
 */
export function documented(markdown, results) {
  const charts = {};
  let written = markdown;
  for (const result of results) {
    const place = new RegExp(`(<!-- bench ${result.name} -->\n)[^]*?(<!-- /bench ${result.name} -->)`);
    if (!place.test(written)) throw new Error(`docs/performance.md has no place for ${result.name}.`);
    const drawn = chartsOf(result);
    for (const { file, svg } of drawn) charts[file] = svg;
    written = written.replace(place, (_, open, close) => `${open}\n${section(result, drawn)}\n${close}`);
  }
  return { markdown: written, charts };
}

function chartsOf(result) {
  return (DRAWN[result.name] ?? [{}]).map((drawn, index) => {
    const column = drawn.column ?? result.columns[0].key;
    const title = drawn.title ?? result.columns[0].title;
    const wanted = drawn.wanted === undefined ? undefined : markOf(result, column, drawn);
    const draw = drawn.spans ? latencies : bars;
    return {
      title,
      file: `${result.name}${index === 0 ? "" : `-${index + 1}`}.svg`,
      svg: draw(result, { ...drawn, title, column, wanted }),
    };
  });
}

/** Where a target lies on the scale of a chart. */
function markOf({ measured, targets }, column, { wanted, of }) {
  const { atLeast, atMost } = targets[wanted];
  const whole = of === undefined ? 1 : summary(measured[of].map((round) => round[column])).median;
  return {
    value: (atLeast ?? atMost) * whole,
    says: `wanted: ${limit({ atLeast, atMost })}${of === undefined ? "" : ` of the ${of}`}`,
  };
}

function section({ columns, measured, targets, setting, machine, day }, charts) {
  const parts = charts.map(({ title, file }) => `![${title}](performance/${file})`);
  parts.push(table(["", ...columns.map(({ title }) => title)], rowsOf(columns, measured)));
  if (targets.length > 0) parts.push(table(["wanted", "", "measured", ""], targets.map(verdict)));
  parts.push(`${setting} ${machine}; ${day}.`);
  return `${parts.join("\n\n")}\n`;
}

function verdict(target) {
  const { what, values, holds } = target;
  return [what, limit(target), text(summary(values), 2), holds ? "held" : "**missed**"];
}

function limit({ atLeast, atMost }) {
  return atLeast === undefined
    ? `at most ${amount(atMost, digitsOf(atMost))}`
    : `at least ${amount(atLeast, digitsOf(atLeast))}`;
}

function digitsOf(value) {
  return Number.isInteger(value) ? 0 : 2;
}

function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = `|${head.map((_, column) => (column === 0 ? "---" : "---:")).join("|")}|`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

/** Makes the document and its folder of charts what the results say. */
function write() {
  const { markdown, charts } = documented(readFileSync(DOCUMENT, "utf8"), kept());
  writeFileSync(DOCUMENT, markdown);
  mkdirSync(CHARTS, { recursive: true });
  for (const file of readdirSync(CHARTS)) if (!(file in charts)) rmSync(path.join(CHARTS, file));
  for (const [file, svg] of Object.entries(charts)) writeFileSync(path.join(CHARTS, file), svg);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) write();
