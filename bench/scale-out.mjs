/**
 * `npm run bench -- scale-out`: two nodes behind nginx on one PostgreSQL, compared with one node, and each process's share of
 * processor time.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { findProxies } from "../scripts/proxies.mjs";
import { connect, journey, journeys, LATCHKEY } from "./support/journey.mjs";
import { allWere, load } from "./support/load.mjs";
import { startNginx } from "./support/nginx.mjs";
import { startPostgres } from "./support/postgres.mjs";
import { report } from "./support/report.mjs";
import { inRounds } from "./support/rounds.mjs";
import { seed } from "./support/seed.mjs";
import { freePort, settings, startLatchkey } from "./support/server.mjs";

const ROUNDS = 3;
const SECONDS = 2;
/** How long sign-ins run while PostgreSQL's writes are counted. */
const COUNTED_S = 4;
/** More accounts than sign-ins in the whole bench, because each account's code works once. */
const ACCOUNTS = 10_000;

let programs;
try {
  programs = findProxies();
} catch (error) {
  console.log(`Nothing is measured: ${error.message}`);
  process.exit();
}
const secret = randomBytes(32).toString("hex");
const postgres = await startPostgres();
const databaseUrl = await postgres.createDatabase();
const { account, cookie } = await seed({
  location: { databaseUrl },
  secret,
  accounts: ACCOUNTS,
  sessions: ACCOUNTS,
  recoveryCodes: false,
});
let people = 0;
const person = () => account(people++);

const ports = [await freePort(), await freePort()];
const env = settings({
  secret,
  DATABASE_URL: databaseUrl,
  TRUST_PROXY: "loopback",
  BASE_URL: `http://127.0.0.1:${ports[1]}`,
});
const nodes = [await startLatchkey(env), await startLatchkey(env)];
const nginx = await startNginx(programs.nginx, [
  { port: ports[0], servers: nodes.slice(0, 1) },
  { port: ports[1], servers: nodes },
]);
await passesFromNodeToNode();

const ways = {
  "one node": nodes[0].origin,
  "one node behind nginx": `http://127.0.0.1:${ports[0]}`,
  "two nodes behind nginx": `http://127.0.0.1:${ports[1]}`,
};
const signingIn = await inRounds(each(signIns), ROUNDS);
const asking = await inRounds(each(verify), ROUNDS);
const kinds = { journeys: signingIn, "/auth/verify": asking };

report({
  name: "scale-out",
  setting:
    `Journeys at 8 at a time, and /auth/verify over 16 connections; ${ROUNDS} rounds of ${SECONDS} s each; ${ACCOUNTS.toLocaleString("en")} ` +
    "accounts on one PostgreSQL. Nodes, nginx, PostgreSQL and the generator share the machine: processor time a journey or question tells whose it is.",
  columns: [
    { key: "perSecond", title: "a second", digits: 1 },
    { key: "p50", title: "p50 ms", digits: 1 },
    { key: "p99", title: "p99 ms", digits: 1 },
    { key: "nodes", title: "nodes ms", digits: 2 },
    { key: "postgres", title: "PostgreSQL ms", digits: 2 },
    { key: "nginx", title: "nginx ms", digits: 2 },
    { key: "generator", title: "generator ms", digits: 2 },
  ],
  measured: Object.fromEntries(
    Object.entries(kinds).flatMap(([kind, measured]) =>
      Object.entries(measured).map(([way, rounds]) => [`${kind}, ${way}`, rounds]),
    ),
  ),
});
await tellWrites();
await postgres.close();
process.exit();

/** Checks that a sign-in begun on one node can be completed on the other, and that the session works on the first. @throws Error */
async function passesFromNodeToNode() {
  const [one, other] = nodes.map(({ origin }) => connect(origin).client);
  const turns = [one, one, other, other, one];
  const client = { dispatch: (...request) => turns.shift().dispatch(...request) };
  await journey({ origin: nodes[0].origin, client }, LATCHKEY, person());
  console.log("A sign-in that was begun on one node has ended on the other.\n");
}

/**
 * Prints what PostgreSQL writes for one sign-in. It counts after the connections have ended, because only then its statistics
 * are complete.
 */
async function tellWrites() {
  for (const node of nodes) await node.stop();
  const before = await written();
  const server = await startLatchkey(env);
  const { count } = await journeys(server.origin, LATCHKEY, person, { seconds: COUNTED_S });
  await server.stop();
  const after = await written();
  const [commits, syncs, images, bytes] = ["commits", "syncs", "images", "bytes"].map((key) => {
    return ((after[key] - before[key]) / count).toFixed(1);
  });
  console.log(
    `One of ${count} sign-ins: ${commits} commits, ${syncs} fsyncs of the log, ${bytes} bytes of it; ${images} whole pages among them.`,
  );
}

async function written() {
  // The server needs a moment to notice that connections were closed.
  await sleep(1_000);
  const [row] = await postgres.query(
    `select xact_commit as commits, wal_sync as syncs, wal_fpi as images, wal_bytes as bytes
     from pg_stat_wal, pg_stat_database where datname = current_database()`,
    databaseUrl,
  );
  return row;
}

function each(measure) {
  return Object.fromEntries(Object.entries(ways).map(([way, origin]) => [way, () => measure(origin)]));
}

function signIns(origin) {
  return withShares(() => journeys(origin, LATCHKEY, person, { seconds: SECONDS }));
}

function verify(origin) {
  let turn = 0;
  const request = () => ({ path: "/auth/verify", headers: { cookie: cookie(turn++ % ACCOUNTS) } });
  return withShares(async () => {
    const found = await load(origin, request, { seconds: SECONDS });
    allWere(200, found);
    return found;
  });
}

/** Measures, and adds each process's processor time (ms) per measured unit. */
async function withShares(measure) {
  const before = usedMs();
  const found = await measure();
  const after = usedMs();
  const count = found.perSecond * SECONDS;
  const shares = Object.keys(after).map((name) => [name, (after[name] - before[name]) / count]);
  return { ...found, ...Object.fromEntries(shares) };
}

function usedMs() {
  const { user, system } = process.cpuUsage();
  return {
    nodes: nodes.reduce((sum, node) => sum + node.processorMs(), 0),
    postgres: postgres.processorMs(),
    nginx: nginx.processorMs(),
    generator: (user + system) / 1_000,
  };
}
