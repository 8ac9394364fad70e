/**
 * `npm run bench -- growth`: the effect of a million accounts and sessions, on SQLite and on PostgreSQL. It takes a quarter of
 * an hour; for a trial set MANY=50000 ROUNDS=2.
 */
import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { journeys, LATCHKEY } from "./support/journey.mjs";
import { allWere, load } from "./support/load.mjs";
import { startPostgres } from "./support/postgres.mjs";
import { measurePruning } from "./support/pruning.mjs";
import { ratios, report, target } from "./support/report.mjs";
import { inRounds } from "./support/rounds.mjs";
import { seed } from "./support/seed.mjs";
import { newFolder, settings, startLatchkey } from "./support/server.mjs";

const FEW = 1_000;
const MANY = Number(process.env.MANY ?? 1_000_000);
const ROUNDS = Number(process.env.ROUNDS ?? 7);
const SECONDS = 2;
/** After this time everyone has a new code, because a round may use a code of nearly all of the thousand people. */
const CODES_RENEWED_MS = 31_000;
/** The stride from person to person: it visits all of them, spread across the tables. */
const STRIDE = 611_953;

const secret = randomBytes(32).toString("hex");
const postgres = await startPostgres();
const places = {
  [`SQLite, ${text(FEW)}`]: await place(FEW, { dataDir: newFolder() }),
  [`SQLite, ${text(MANY)}`]: await place(MANY, { dataDir: newFolder() }),
  [`PostgreSQL, ${text(FEW)}`]: await place(FEW, await onPostgres()),
  [`PostgreSQL, ${text(MANY)}`]: await place(MANY, await onPostgres()),
};
const names = Object.keys(places);

const starts = await inRounds(each(startUp), ROUNDS);
for (const one of Object.values(places)) one.server = await startLatchkey(one.env);
const measured = await inRounds(each(signIns), ROUNDS);
for (const one of Object.values(places)) await one.server.stop();
for (const name of names) {
  for (const [round, found] of measured[name].entries()) Object.assign(found, starts[name][round]);
}

report({
  name: "growth",
  setting:
    `${text(FEW)} or ${text(MANY)} accounts and as many sessions; ${ROUNDS} rounds of ${SECONDS} s of journeys at 8 at a time, ` +
    `${SECONDS} s one at a time and ${SECONDS} s of /auth/verify over 16 connections; processor time with that of PostgreSQL; a start is to the first answer.`,
  columns: [
    { key: "perSecond", title: "journeys/s", digits: 1 },
    { key: "p50", title: "p50 ms", digits: 1 },
    { key: "p99", title: "p99 ms", digits: 1 },
    { key: "alone", title: "alone p50 ms", digits: 1 },
    { key: "processorMs", title: "processor ms/journey", digits: 2 },
    { key: "verified", title: "/auth/verify/s" },
    { key: "startMs", title: "start ms" },
  ],
  measured,
  targets: [0, 2].flatMap((few) => {
    const [engine] = names[few].split(",");
    const grown = (key) => ratios(measured, names[few + 1], names[few], key);
    return [
      target(`${engine}: the journey's time, 8 at a time`, grown("p50"), { atMost: 1.2 }),
      target(`${engine}: the journey's time, one at a time`, grown("alone"), { atMost: 1.2 }),
      target(`${engine}: the journey's processor time`, grown("processorMs"), { atMost: 1.2 }),
      target(`${engine}: the start's time`, grown("startMs"), { atMost: 1.2 }),
    ];
  }),
});

await measurePruning({ SQLite: places[names[1]], PostgreSQL: places[names[3]] });
await postgres.close();
process.exit();

async function onPostgres() {
  return { databaseUrl: await postgres.createDatabase() };
}

async function place(size, location) {
  const began = performance.now();
  const { account, cookie } = await seed({
    location,
    secret,
    accounts: size,
    sessions: size,
    recoveryCodes: false,
  });
  const { dataDir = newFolder(), databaseUrl } = location;
  const onServer = databaseUrl && { DATABASE_URL: databaseUrl };
  const took = ((performance.now() - began) / 1_000).toFixed(0);
  console.log(`seeded ${text(size)} in ${took} s: ${await megabytes(location)} MB`);
  let turn = 0;
  const next = () => (STRIDE * ++turn) % size;
  return { location, env: settings({ dataDir, secret, ...onServer }), account, cookie, next, query };

  function query(sql) {
    return postgres.query(sql, databaseUrl);
  }
}

async function megabytes({ dataDir, databaseUrl }) {
  if (!databaseUrl) return text(Math.round(statSync(path.join(dataDir, "latchkey.sqlite")).size / 2 ** 20));
  const [{ size }] = await postgres.query("select pg_database_size(current_database()) as size", databaseUrl);
  return text(Math.round(size / 2 ** 20));
}

function each(measure) {
  return Object.fromEntries(names.map((name) => [name, () => measure(places[name])]));
}

async function startUp({ env }) {
  const server = await startLatchkey(env);
  await server.stop();
  return { startMs: server.startedInMs };
}

async function signIns(place) {
  const { server, account, cookie, next } = place;
  const person = () => account(next());
  await sleep(Math.max((place.signedInAt ?? 0) + CODES_RENEWED_MS - Date.now(), 0));
  const usedMs = () => server.processorMs() + (place.location.databaseUrl ? postgres.processorMs() : 0);
  const before = usedMs();
  const { perSecond, p50, p99, count } = await journeys(server.origin, LATCHKEY, person, {
    seconds: SECONDS,
  });
  const processorMs = (usedMs() - before) / count;
  const { p50: alone } = await journeys(server.origin, LATCHKEY, person, { seconds: SECONDS, atOnce: 1 });
  place.signedInAt = Date.now();
  const asked = () => ({ path: "/auth/verify", headers: { cookie: cookie(next()) } });
  const verified = await load(server.origin, asked, { seconds: SECONDS });
  allWere(200, verified);
  return { perSecond, p50, p99, alone, processorMs, verified: verified.perSecond };
}

function text(number) {
  return number.toLocaleString("en");
}
