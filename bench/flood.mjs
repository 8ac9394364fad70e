/** `npm run bench -- flood`: what people notice while strangers guess passwords faster than the server can hash them. */
import { randomBytes } from "node:crypto";
import { percentiles } from "./support/load.mjs";
import { openLoop } from "./support/open-loop.mjs";
import { pagesOf, startProbes } from "./support/probes.mjs";
import { report, target } from "./support/report.mjs";
import { summary } from "./support/rounds.mjs";
import { seed } from "./support/seed.mjs";
import { newFolder, settings, startLatchkey } from "./support/server.mjs";

const ROUNDS = 4;
const CALM_SECONDS = 10;
const FLOOD_SECONDS = 12;
/** Longer than a request can wait in the queue for a password check. */
const REST_MS = 2_000;
const GUESSES_PER_SECOND = 500;
/** A third for each of the three pages. */
const PROBES_PER_SECOND = 90;
const ALLOWED_MS = 20;

const dataDir = newFolder();
const secret = randomBytes(32).toString("hex");
const people = await seed({ location: { dataDir }, secret, accounts: 100, sessions: 100 });
const latchkey = await startLatchkey(settings({ dataDir, secret, TRUST_PROXY: "loopback" }));
const pages = pagesOf(people.cookie(0));
const { probe } = await startProbes(latchkey.origin, pages, PROBES_PER_SECOND);

const measured = { memory: [] };
const answers = { calm: pages.map(() => []), flood: pages.map(() => []), guesses: [] };
for (let round = 0; round < ROUNDS; round++) {
  const calm = await withMemory(() => probe(CALM_SECONDS));
  const flood = await withMemory(() => Promise.all([probe(FLOOD_SECONDS), guesses(FLOOD_SECONDS)]));
  const [seen, guessed] = flood.result;
  for (const [index, { path }] of pages.entries()) {
    note(path, "calm", index, calm.result[index]);
    note(path, "flood", index, seen[index]);
  }
  answers.guesses.push(...guessed.flat());
  measured.memory.push({ calmMb: calm.middle, floodMb: flood.last, mostMb: flood.most });
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
}

const statuses = count(answers.guesses);
const probed = [...answers.calm, ...answers.flood].flat();
const unanswered = answers.guesses.filter(({ status }) => ![401, 429, 503].includes(status));
report({
  name: "flood",
  setting:
    `${ROUNDS} rounds of ${CALM_SECONDS} s calm and ${FLOOD_SECONDS} s under ${GUESSES_PER_SECOND} wrong passwords a second, sent at their times ` +
    `whatever the answers do, half for one account and half for ever new names, all from ever new addresses; ${PROBES_PER_SECOND} probes a ` +
    "second from a process of their own, timed from when each was due. Server, hashes, guessers and probes share the processors. " +
    `Guesses were answered: ${JSON.stringify(statuses)}.`,
  columns: [
    { key: "p50", title: "p50 ms", digits: 2 },
    { key: "p99", title: "p99 ms", digits: 2 },
    { key: "most", title: "most ms", digits: 1 },
    { key: "calmMb", title: "MB calm" },
    { key: "floodMb", title: "MB at the end" },
    { key: "mostMb", title: "MB at most" },
  ],
  measured,
  targets: [
    ...pages.map(({ path }, index) => {
      const allowed = Math.max(Math.round(5 * p99(answers.calm[index])), ALLOWED_MS);
      return target(
        `${path}: p99 (ms) of ${answers.flood[index].length} probes under flood, of ${answers.calm[index].length} when calm ${p99(answers.calm[index]).toFixed(1)}`,
        [p99(answers.flood[index])],
        { atMost: allowed },
      );
    }),
    target(
      "resident memory under flood by that before",
      measured.memory.map(({ mostMb }) => mostMb / measured.memory[0].calmMb),
      { atMost: 1.5 },
    ),
    target("probes that were not shown their page", [probed.filter(({ status }) => status !== 200).length], {
      atMost: 0,
    }),
    target("guesses that were not answered by 401, 429 or 503", [unanswered.length], { atMost: 0 }),
  ],
});
process.exit();

function guesses(seconds) {
  const guess = (username) => () => ({
    path: "/login",
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", "x-forwarded-for": newAddress() },
    body: new URLSearchParams({ username: username(), password: "not the password" }).toString(),
  });
  const one = guess(() => people.account(0).username);
  const many = guess(() => `guessed-${randomBytes(4).toString("hex")}`);
  return openLoop(latchkey.origin, [one, many], { perSecond: GUESSES_PER_SECOND, seconds });
}

function newAddress() {
  return `10.${[...randomBytes(3)].join(".")}`;
}

/** The server's memory (MB) while `run` runs, sampled four times a second. */
async function withMemory(run) {
  const seen = [latchkey.residentMb()];
  const timer = setInterval(() => seen.push(latchkey.residentMb()), 250);
  const result = await run();
  clearInterval(timer);
  return { result, last: seen.at(-1), middle: summary(seen).median, most: Math.max(...seen) };
}

function note(path, phase, index, probed) {
  answers[phase][index].push(...probed);
  const contender = `${path}, ${phase}`;
  measured[contender] ??= [];
  measured[contender].push(percentiles(probed.map(({ ms }) => ms)));
}

function p99(probed) {
  return percentiles(probed.map(({ ms }) => ms)).p99;
}

function count(answered) {
  const counts = {};
  for (const { status } of answered) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
