/** Writes what is kept in bench/results/ into docs/performance.md and its charts: no figure there is typed by hand. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { bars, latencies } from "./support/chart.mjs";
import { inShort, limit, rowsOf } from "./support/report.mjs";
import { summary } from "./support/rounds.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));
const RESULTS = path.join(root, "bench/results");
const DOCUMENT = path.join(root, "docs/performance.md");
const CHARTS = path.join(root, "docs/performance");

/**
 * What is drawn of each bench, or else bars of its first column: file name → what bars() or, with `form`, latencies() is told. Of
 * the targets that which `wanted` finds is marked, and `of` is the contender whose median it is a part of; `only` are the
 * contenders that are drawn.
 */
const DRAWN = {
  "login-page": {
    "login-page": { title: "Login pages a second", wanted: /bare Express route/, of: "bare Express route" },
  },
  "sign-in": {
    "sign-in": {
      title: "Sign-ins a second, 8 at a time",
      only: /^(?!.*(in the clear|of no cost))/,
      wanted: /argon2id one at a time/,
      of: "naive port, argon2id one at a time",
    },
  },
  verify: {
    verify: {
      title: "Answers of /auth/verify a second",
      wanted: /bare Express route/,
      of: "bare Express route",
    },
  },
  "code-check": {
    "code-check": { title: "Codes checked a second", ours: /code$/ },
  },
  diagnosis: {
    diagnosis: { title: "Looking at one code, ms of processor time" },
  },
  guessing: {
    guessing: { title: "Accounts lost of a million, by arithmetic", ours: /^as built/ },
  },
  flood: {
    flood: { title: "Answers in the calm and under the flood, ms", form: latencies, ours: /flood$/ },
  },
  "hostile-input": {
    "hostile-input": {
      title: "What one request takes of the loop, ms",
      column: "loop",
      only: /^(next, (5,000|4,000 bytes in)|(new )?password, (16|60|1,024)|username|cookies|X-|Accept of)/,
      ours: /./,
      wanted: /of the loop/,
    },
  },
  bytes: {
    bytes: { title: "First visit of the login page, KB over the wire", wanted: /first visit/ },
    "first-paint": {
      title: "From the first byte to the first contentful paint, ms",
      column: "paintMs",
      wanted: /first contentful paint/,
    },
  },
  "start-up": {
    "start-up": {
      title: "From the start to the first answer, ms",
      wanted: /^start-up/,
      of: "better-auth",
    },
    memory: {
      title: "Resident memory after a second, MB",
      column: "mb",
      wanted: /^resident memory/,
      of: "better-auth",
    },
  },
  growth: {
    growth: { title: "Sign-ins a second, 8 at a time" },
  },
  "growth-pruning": {
    "growth-pruning": {
      title: "The longest wait while expired rows are pruned, ms",
      column: "most",
      ours: /pruning$/,
      wanted: /most that anybody waited/,
    },
  },
  "scale-out": {
    "scale-out": { title: "Sign-ins a second, 8 at a time", only: /^journeys/ },
    "scale-out-verify": { title: "Answers of /auth/verify a second", only: /^\/auth\/verify/ },
  },
};

/** The results that are kept, each as report() has written it. */
export function kept() {
  if (!existsSync(RESULTS)) return [];
  return readdirSync(RESULTS)
    .filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(readFileSync(path.join(RESULTS, name), "utf8")));
}

const PLACES = /(<!-- bench (\S+) -->\n)[\s\S]*?(<!-- \/bench \2 -->)/g;

/**
 * @param markdown with a pair of comments for each bench, <!-- bench NAME --> and <!-- /bench NAME -->; what stands between is
 *   replaced, by nothing where there is no such result
 * @param results as report() keeps them
 * @returns the new markdown, and the charts as file name → SVG
 * @throws Error when a result has no place in it
 */
export function documented(markdown, results) {
  const sections = new Map();
  const charts = {};
  for (const result of results) {
    const drawn = chartsOf(result);
    for (const { file, svg } of drawn) charts[file] = svg;
    sections.set(result.name, `\n${section(result, drawn)}\n`);
  }
  const places = new Set();
  const written = markdown.replace(PLACES, (_, open, name, close) => {
    places.add(name);
    return open + (sections.get(name) ?? "") + close;
  });
  const lost = [...sections.keys()].filter((name) => !places.has(name));
  if (lost.length > 0) throw new Error(`docs/performance.md has no place for ${lost.join(", ")}.`);
  return { markdown: written, charts };
}

function chartsOf(result) {
  const [{ key, title }] = result.columns;
  return Object.entries(DRAWN[result.name] ?? { [result.name]: {} }).map(([name, told]) => {
    const { form = bars, only = /./, ...drawn } = { title, column: key, ...told };
    const rows = Object.entries(result.measured).filter(([contender]) => only.test(contender));
    const wanted = drawn.wanted && markOf(result, drawn);
    const svg = form({ ...result, measured: Object.fromEntries(rows) }, { ...drawn, wanted });
    return { title: drawn.title, file: `${name}.svg`, svg };
  });
}

/** Where a target lies on the scale of a chart; nowhere when that which it names could not be had. */
function markOf({ measured, targets }, { column, wanted, of }) {
  const found = targets.find(({ what }) => wanted.test(what));
  if (!found) return undefined;
  const whole = of === undefined ? 1 : summary(measured[of].map((round) => round[column])).median;
  return {
    value: (found.atLeast ?? found.atMost) * whole,
    says: `wanted: ${limit(found)}${of === undefined ? "" : ` × ${of}`}`,
  };
}

function section({ columns, measured, targets, setting, machine, day }, charts) {
  const parts = charts.map(({ title, file }) => `![${title}](performance/${file})`);
  parts.push(table(["", ...columns.map(({ title }) => title)], rowsOf(columns, measured)));
  if (targets.length > 0) parts.push(table(["goal", "wanted", "measured", ""], targets.map(verdict)));
  parts.push(`${setting} Measured on ${day}: ${machine}.`);
  return `${parts.join("\n\n")}\n`;
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

/** Makes the document and its folder of charts what the results say. */
function write() {
  const { markdown, charts } = documented(readFileSync(DOCUMENT, "utf8"), kept());
  writeFileSync(DOCUMENT, markdown);
  mkdirSync(CHARTS, { recursive: true });
  for (const file of readdirSync(CHARTS)) if (!(file in charts)) rmSync(path.join(CHARTS, file));
  for (const [file, svg] of Object.entries(charts)) writeFileSync(path.join(CHARTS, file), svg);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) write();
