/** Measures how long others wait while a server prunes very many expired rows of every kind. */
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseSync } from "@photostructure/sqlite";
import { percentiles } from "./load.mjs";
import { pagesOf, startProbes } from "./probes.mjs";
import { report, target } from "./report.mjs";
import { startLatchkey } from "./server.mjs";

const ROWS = 300_000;
/** A server prunes a minute after its start, and every minute from then on. */
const CALM_S = 45;
const PRUNES_AFTER_S = 60;
const WATCHED_S = 45;
const WANTED_MS = 50;
/** Requests each of the three pages every 50 ms. */
const PROBES_PER_SECOND = 60;

/** Statements that insert long-expired rows of each kind for existing accounts; `random` is SQL for a unique text. */
const EXPIRED = {
  sessions: (random) =>
    `insert into sessions (id_hash, kind, account_id, family, methods, device, address, created_at, last_seen_at, expires_at)
     select ${random}, 'session', id, ${random}, 'password totp', 'a browser', '203.0.113.9', 1, 1, 1 + row_number() over () from accounts limit ${ROWS}`,
  enrolments: (random) =>
    `insert into enrolments (authenticator_id, account_id, number, sealed_secret, created_at)
     select ${random}, id, 1, 'never opened: a text as long as a sealed secret is, some eighty letters', 1 from accounts limit ${ROWS}`,
  trusted_devices: (random) =>
    `insert into trusted_devices (id, account_id, token_hash, device, address, created_at, last_used_at, expires_at)
     select ${random}, id, ${random}, 'a browser', '203.0.113.9', 1, 1, 1 from accounts limit ${ROWS}`,
  history: (random) =>
    `insert into history (id, account_id, at, place, type, reason, by_operator, device, address)
     select ${random}, id, 1, 0, 'signed-in', 'password totp', 0, 'a browser', '203.0.113.9' from accounts limit ${ROWS}`,
  throttle: (random) =>
    `insert into throttle (pool, failures, since, delayed_until, forget_at) select ${random}, 1, 1, 0, 1 from accounts limit ${ROWS}`,
};

const LEFT = `select
  (select count(*) from sessions where expires_at < 9999999) + (select count(*) from enrolments) +
  (select count(*) from trusted_devices) + (select count(*) from history where at = 1) +
  (select count(*) from throttle where forget_at = 1) as left_over`;

/**
 * Fills, starts and measures each Latchkey.
 * @param places engine → { env, location, cookie, query } of a seeded, stopped Latchkey
 */
export async function measurePruning(places) {
  const measured = {};
  for (const [engine, place] of Object.entries(places)) {
    await fill(place);
    const rows = await leftOver(place);
    const server = await startLatchkey(place.env);
    const calm = await watch(server, place, CALM_S);
    await sleep((PRUNES_AFTER_S - CALM_S) * 1_000);
    const before = server.processorMs();
    const found = await watch(server, place, WATCHED_S);
    const processor = (server.processorMs() - before) / (WATCHED_S * 10);
    const pruned = rows - (await leftOver(place));
    await server.stop();
    measured[`${engine}, calm`] = [calm];
    measured[`${engine}, pruning`] = [{ ...found, pruned, processor }];
  }
  report({
    name: "growth-pruning",
    setting:
      `Beside the million, ${ROWS.toLocaleString("en")} expired rows of each of five kinds; a process of its own asks for /login, ` +
      `/auth/verify and a signed-in page, each every 50 ms, for ${WATCHED_S} s.`,
    columns: [
      { key: "p50", title: "p50 ms", digits: 1 },
      { key: "p99", title: "p99 ms", digits: 1 },
      { key: "most", title: "most ms", digits: 1 },
      { key: "pruned", title: "rows pruned" },
      { key: "processor", title: "processor %" },
    ],
    measured,
    targets: Object.keys(places).map((engine) =>
      target(`${engine}: the most that anybody waited (ms)`, [measured[`${engine}, pruning`][0].most], {
        atMost: WANTED_MS,
      }),
    ),
  });
}

async function fill({ location: { dataDir, databaseUrl }, query }) {
  if (databaseUrl) {
    for (const insert of Object.values(EXPIRED))
      await query(insert("md5(random()::text) || md5(random()::text)"));
    await query("vacuum analyze");
    await query("checkpoint");
    return;
  }
  const database = openSqlite(dataDir);
  database.exec("pragma synchronous = off");
  for (const insert of Object.values(EXPIRED)) database.exec(insert("hex(randomblob(32))"));
  database.exec("pragma wal_checkpoint(truncate)");
  database.close();
}

async function leftOver({ location: { dataDir, databaseUrl }, query }) {
  if (databaseUrl) return Number((await query(LEFT))[0].left_over);
  const database = openSqlite(dataDir);
  const { left_over } = database.prepare(LEFT).get();
  database.close();
  return left_over;
}

function openSqlite(dataDir) {
  const database = new DatabaseSync(path.join(dataDir, "latchkey.sqlite"), { timeout: 5_000 });
  database.exec("pragma cache_size = -1000000");
  return database;
}

async function watch({ origin }, { cookie }, seconds) {
  const { probe, stop } = await startProbes(origin, pagesOf(cookie(0)), PROBES_PER_SECOND);
  const answers = (await probe(seconds)).flat();
  stop();
  const failed = answers.filter(({ status }) => status !== 200);
  if (failed.length > 0) throw new Error(`${failed.length} probes were not shown their page.`);
  return percentiles(answers.map(({ ms }) => ms));
}
