/**
 * `npm run bench -- messages`: the messages of one page, 26 plain ones and 14 with values, compared with the same texts put
 * together by hand. A page that is cached formats none.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compiled } from "./support/compile.mjs";
import { report, target } from "./support/report.mjs";
import { inRounds } from "./support/rounds.mjs";

const { createCatalogue } = await compiled("src/web/catalogue/catalogue.ts");
const { parseMessages } = await compiled("src/web/catalogue/syntax.ts");
const { constantsOf } = await compiled("src/web/text/numbers.ts");

const ROUNDS = 21;
const PAGES = 2_000;
const PLAIN = 26;
const FILLED = 14;

const source = readFileSync(fileURLToPath(new URL("../locales/en.ftl", import.meta.url)), "utf8");
const constants = constantsOf({ appName: "Latchkey", contact: "help@example.org" });
const { html } = createCatalogue([source], {
  constants,
  onError: (error) => {
    throw error;
  },
});

const messages = parseMessages(source).map(({ id, values }) => ({
  id,
  args: Object.fromEntries(
    [...values].filter(([name]) => !(name in constants)).map(([name, kind]) => [name, exampleOf(kind)]),
  ),
}));
const hasArgs = ({ args }) => Object.keys(args).length > 0;
const page = [
  ...messages.filter((one) => !hasArgs(one)).slice(0, PLAIN),
  ...messages.filter(hasArgs).slice(0, FILLED),
];
if (page.length !== PLAIN + FILLED) throw new Error("The catalogue has too few messages for this bench.");
/** The same texts, cut at their values. */
const parts = page.map((one) => ({ ...one, text: html(one).split("Pixel") }));

const measured = await inRounds(
  {
    "messages of the catalogue": () =>
      timed(() => page.reduce((length, one) => length + html(one).length, 0)),
    "the same texts by hand": () =>
      timed(() => parts.reduce((length, one) => length + byHand(one).length, 0)),
  },
  ROUNDS,
);
report({
  name: "messages",
  setting: `${PLAIN + FILLED} messages, ${FILLED} of them with values; ${ROUNDS} rounds of ${PAGES.toLocaleString("en")} pages in one process; processor time.`,
  columns: [{ key: "microseconds", title: "µs a page", digits: 1 }],
  measured,
  targets: [
    target(
      "the catalogue, µs more than by hand",
      measured["messages of the catalogue"].map(
        ({ microseconds }, round) => microseconds - measured["the same texts by hand"][round].microseconds,
      ),
      { atMost: 25 },
    ),
  ],
});

function timed(work) {
  const before = process.cpuUsage();
  for (let n = 0; n < PAGES; n++) if (work() === 0) throw new Error("Nothing was said.");
  const { user, system } = process.cpuUsage(before);
  return { microseconds: (user + system) / PAGES };
}

function byHand({ text, args }) {
  const [value] = Object.values(args);
  return text.length === 1 ? text[0] : text.join(escaped(String(value)));
}

function escaped(value) {
  return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function exampleOf(kind) {
  if (kind === "number") return 3;
  if (kind === "Date") return new Date("2026-11-24T14:32:05Z");
  return kind === "list" ? ["Pixel 9", "KeePassXC"] : "Pixel";
}
