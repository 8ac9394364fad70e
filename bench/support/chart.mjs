/** Draws a bench's result as an SVG, which is readable on light and dark pages and on a phone. */
import { amount } from "./report.mjs";
import { summary } from "./rounds.mjs";

const WIDTH = 640;
const MARGIN = 20;
/** The length of the longest bar; its value is printed beside it. */
const MAX_LENGTH = 380;
const HEAD = 78;
const ROW = 52;
/** How many letters fit into the width, in the widest of the fonts. */
const MAX_LETTERS = 68;
/** The maximum width of a digit. */
const LETTER = 10;
const OURS = /^Latchkey/;

/** Sets a background, because the page may be dark while the reader's system is light. */
const STYLE = `
text{font:15px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:#1f2328}
.title{font-size:17px;font-weight:600}
.value{font-weight:600}
.quiet{font-size:13px;font-weight:400;fill:#59636e}
.ground{fill:#fff;stroke:#d1d9e0}
.ours{fill:#0b6075;stroke:#0b6075}
.other{fill:#b3bcc5;stroke:#b3bcc5}
.spread{stroke:#1f2328;stroke-width:1.5}
.grid{stroke:#e4e8ec}
.wanted{stroke:#c2410c;stroke-width:2;stroke-dasharray:3 2}
@media(prefers-color-scheme:dark){
text{fill:#f0f6fc}
.quiet{fill:#9198a1}
.ground{fill:#0d1117;stroke:#3d444d}
.ours{fill:#4fb3c8;stroke:#4fb3c8}
.other{fill:#656e78;stroke:#656e78}
.spread{stroke:#f0f6fc}
.grid{stroke:#262c34}
.wanted{stroke:#fb923c}
}`;

/**
 * Draws a bar per contender, as long as its median, with a line from its minimum to its maximum.
 * @param result as report() writes it
 * @param drawn {
 *   title: what the numbers are, with their unit;
 *   column: the key of the column to draw;
 *   ours: a pattern for the names drawn in our colour; by default Latchkey's, or all if no contender has that name;
 *   wanted: { value, says }, the target to mark at our bars
 * }
 * @throws Error when a contender's name is too long
 */
export function bars({ columns, measured }, { title, column, ours, wanted }) {
  const { digits } = columns.find(({ key }) => key === column);
  const rows = Object.entries(measured)
    .map(([name, rounds]) => ({ name, ...summary(valuesOf(rounds, column)) }))
    .filter(({ median }) => median !== undefined);
  const pattern = ours ?? (rows.some(({ name }) => OURS.test(name)) ? OURS : /./);
  const spreads = rows.some(({ least, most }) => least < most);
  const longest = Math.max(...rows.map(({ most }) => most), wanted?.value ?? 0);
  const x = (value) => place((value / longest) * MAX_LENGTH);

  return drawing({
    title,
    subtitle: `Each bar ${medianOf(measured)}${spreads ? ", the line on it from the least to the most" : ""}.`,
    described: rows.map(({ name, median }) => `${name}: ${amount(median, digits)}`),
    rows: rows.map(({ name, median, least, most }) => {
      const isOurs = pattern.test(name);
      const [middle, ...range] = [median, least, most].map((value) => amount(value, digits));
      const varies = range[0] !== range[1];
      const letters = [middle, ...(varies ? range : [])].join("").length;
      const mark = isOurs && wanted && Number(x(wanted.value));
      const end = Number(x(most));
      // Prints the value beside the bar, or beside the mark if the text would overlap it.
      const at = mark && mark < end + letters * LETTER + 40 ? Math.max(end, mark) : end;
      return [
        label(name),
        `<rect class="${isOurs ? "ours" : "other"}" y="9" width="${x(median)}" height="14"/>`,
        varies && `<path class="spread" d="M${x(least)} 16H${x(most)}M${x(least)} 12v8M${x(most)} 12v8"/>`,
        isOurs && wanted && `<path class="wanted" d="M${x(wanted.value)} 5v22"/>`,
        `<text x="${place(at)}" y="21" dx="10"><tspan class="value">${middle}</tspan>`,
        varies && `<tspan class="quiet" dx="8">${range.join("–")}</tspan>`,
        "</text>",
      ];
    }),
    legend:
      wanted &&
      `<path class="wanted" d="M1 -12v16"/><text class="quiet" x="10">${escaped(wanted.says)}</text>`,
  });
}

/**
 * Draws each contender's times (ms) from p50 to p99, on a logarithmic scale.
 * @param result as report() writes it, with p50 and p99
 * @param drawn { title; ours: a pattern for the names drawn in our colour }
 * @throws Error when a contender's name is too long
 */
export function latencies({ measured }, { title, ours }) {
  const rows = Object.entries(measured)
    .map(([name, rounds]) => ({
      name,
      look: ours.test(name) ? "ours" : "other",
      from: summary(valuesOf(rounds, "p50")).median,
      to: summary(valuesOf(rounds, "p99")).median,
    }))
    .filter(({ from }) => from !== undefined);
  const low = Math.floor(Math.log10(Math.min(...rows.map(({ from }) => from))));
  const high = Math.ceil(Math.log10(Math.max(...rows.map(({ to }) => to))));
  const x = (value) => place(((Math.log10(value) - low) / (high - low)) * MAX_LENGTH);
  const powers = Array.from({ length: high - low + 1 }, (_, n) => Number(`1e${low + n}`));
  const text = ({ from, to }) => `${briefly(from)} to ${briefly(to)} ms`;

  return drawing({
    title,
    subtitle: `From p50 to p99, each ${medianOf(measured)}. A line of the scale is ten times the last.`,
    described: rows.map((row) => `${row.name}: ${text(row)}`),
    scale: powers.map((power) => ({ x: x(power), says: `${power.toLocaleString("en")} ms` })),
    rows: rows.map((row) => [
      label(row.name),
      `<path class="${row.look}" stroke-width="4" d="M${x(row.from)} 16H${x(row.to)}"/>`,
      `<circle class="${row.look}" cx="${x(row.from)}" cy="16" r="4"/><circle class="${row.look}" cx="${x(row.to)}" cy="16" r="7"/>`,
      `<text class="value" x="${WIDTH - 2 * MARGIN}" y="21" text-anchor="end">${text(row)}</text>`,
    ]),
  });
}

function valuesOf(rounds, key) {
  return rounds.map((round) => round[key]).filter((value) => value !== undefined);
}

function medianOf(measured) {
  const most = Math.max(...Object.values(measured).map((rounds) => rounds.length));
  return most === 1 ? "one value" : `the median of ${most} rounds`;
}

/** A number with three significant digits, or all digits of a whole number. */
function briefly(value) {
  return amount(value, value < 10 && !Number.isInteger(value) ? (value < 1 ? 2 : 1) : 0);
}

function label(name) {
  if (name.length > MAX_LETTERS) throw new Error(`“${name}” is too long for a chart.`);
  return `<text>${escaped(name)}</text>`;
}

function drawing({ title, subtitle, described, rows, scale = [], legend }) {
  const bottom = HEAD + rows.length * ROW;
  const height = bottom + (legend || scale.length > 0 ? 20 : -12);
  const lines = scale.map(
    ({ x, says }, index) =>
      `<path class="grid" d="M${x} ${HEAD - 16}V${bottom - 18}"/>` +
      `<text class="quiet" x="${x}" y="${bottom}"${index > 0 ? ' text-anchor="middle"' : ""}>${says}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="desc">${escaped(described.join("; "))}.</desc>`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" x=".5" y=".5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>`,
    `<text class="title" x="${MARGIN}" y="30">${escaped(title)}</text>`,
    `<text class="quiet" x="${MARGIN}" y="50">${escaped(subtitle)}</text>`,
    ...lines.map((line) => moved(MARGIN, 0, line)),
    ...rows.map((parts, index) => moved(MARGIN, HEAD + index * ROW, parts.filter(Boolean).join(""))),
    legend && moved(MARGIN, bottom, legend),
    "</svg>\n",
  ]
    .filter(Boolean)
    .join("\n");
}

function moved(x, y, drawn) {
  return `<g transform="translate(${x} ${y})">${drawn}</g>`;
}

/** Rounds to a tenth of a pixel. */
function place(value) {
  return String(Math.round(value * 10) / 10);
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
