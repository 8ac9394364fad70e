/** `npm run bench -- hostile-input`: whether a single request, whatever its bytes, can stall all others. */
import { randomBytes } from "node:crypto";
import { aroundOne, loopTimeOf, underMany } from "./support/hostile.mjs";
import { hostileInputs } from "./support/hostile-inputs.mjs";
import { startProbes } from "./support/probes.mjs";
import { report, target } from "./support/report.mjs";
import { summary } from "./support/rounds.mjs";
import { seed } from "./support/seed.mjs";
import { newFolder, settings, startLatchkey } from "./support/server.mjs";

const ROUNDS = 3;
const CALM = "nothing hostile";
const CALM_WINDOWS = 8;
/** How long requests of each kind are sent repeatedly. */
const MANY_SECONDS = 1.5;
/** One probe every 4 ms. */
const PROBES_PER_SECOND = 250;
const MAX_STALL_MS = 50;
const MAX_TIMES_CALM = 5;
/** The calm p99 is measured again after this many kinds. */
const CALM_EVERY = 10;
/** Accounts, each with a session: enough that wrong passwords at step-up reach no account's delay. */
const ACCOUNTS = 5_000;
/** A calm p99 below this counts as this: a multiple of a shorter time would mean nothing. */
const MIN_CALM_MS = 2;

const dataDir = newFolder();
const secret = randomBytes(32).toString("hex");
const people = await seed({
  location: { dataDir },
  secret,
  accounts: ACCOUNTS,
  sessions: ACCOUNTS,
  recoveryCodes: false,
});
const latchkey = await startLatchkey(
  settings({
    dataDir,
    secret,
    BASE_URL: "https://sign-in.example.org",
    ALLOWED_HOSTS: "app.example.org, wiki.example.org",
    COOKIE_DOMAIN: "example.org",
    TRUST_PROXY: "loopback",
    STEP_UP: "12h",
  }),
);
const headers = { "x-forwarded-proto": "https" };
const known = {
  pending: await pendingLogin(),
  cookie: "__Host-latchkey",
  forward: "__Secure-latchkey_forward",
  asset: /\/assets\/[^"]+\.css/.exec(await (await fetch(`${latchkey.origin}/login`, { headers })).text())[0],
};
const inputsOf = (n) => {
  const session = people.cookie(n % ACCOUNTS).replace("latchkey=", "__Host-latchkey=");
  return hostileInputs({ ...known, session, username: `someone-${n}` });
};
const requestOf = (kind) => (n) => inputsOf(n)[kind];
const { probe } = await startProbes(latchkey.origin, [{ path: "/login", headers }], PROBES_PER_SECOND);
const server = { origin: latchkey.origin, probe, loopMs: latchkey.loopMs };

const kinds = Object.keys(inputsOf(0));
const measured = Object.fromEntries([CALM, ...kinds].map((kind) => [kind, []]));
let unanswered = 0;
// The first round warms up and does not count.
for (let round = 0; round <= ROUNDS; round++) {
  const calm = [];
  for (let n = 0; n < CALM_WINDOWS; n++) calm.push(noted(await aroundOne(server)).longest);
  const quiet = summary(calm).median;
  const found = { [CALM]: { stall: summary(calm).most - quiet } };
  for (const kind of round % 2 ? kinds : kinds.toReversed()) {
    const { longest, status } = noted(await aroundOne(server, requestOf(kind)));
    const loop = await loopTimeOf(server, requestOf(kind));
    found[kind] = { loop, stall: Math.max(0, longest - quiet), status };
  }
  if (round > 0) for (const kind of Object.keys(found)) measured[kind].push(found[kind]);
}

const calm = [];
const many = {};
for (const [index, kind] of kinds.entries()) {
  if (index % CALM_EVERY === 0) calm.push(noted(await underMany(server, undefined, MANY_SECONDS)).p99);
  many[kind] = noted(await underMany(server, requestOf(kind), MANY_SECONDS)).p99;
}
const calmP99 = Math.max(summary(calm).median, MIN_CALM_MS);
measured[CALM][0].p99 = summary(calm).median;
for (const kind of kinds) Object.assign(measured[kind][0], { p99: many[kind], times: many[kind] / calmP99 });

const middle = (kind, key) => summary(valuesOf(kind, key)).median;
const by = (key) => kinds.toSorted((one, other) => middle(other, key) - middle(one, key));
const worst = by("loop");
const [longest] = by("stall");
const slowest = kinds.toSorted((one, other) => many[other] - many[one]);
const sorted = Object.fromEntries([CALM, ...worst].map((kind) => [kind, measured[kind]]));
report({
  name: "hostile-input",
  setting:
    `One request of each kind at a time, ${ROUNDS} rounds, each from an address of its own, while another process requests /login ${PROBES_PER_SECOND} ` +
    "times a second, timed from when each was due: the longest wait, minus that of the same time without the request; and, without other requests, the processor time of the main thread. Then 20 a second of the " +
    `kind for ${MANY_SECONDS} s: p99 of /login, and its multiple of the calm p99 (at least ${MIN_CALM_MS} ms). Behind a proxy with https.`,
  columns: [
    { key: "loop", title: "of the loop, ms", digits: 2 },
    { key: "stall", title: "stall of one, ms", digits: 1 },
    { key: "p99", title: "p99 of /login at 20/s, ms", digits: 1 },
    { key: "times", title: "× calm", digits: 1 },
    { key: "status", title: "answer" },
  ],
  measured: sorted,
  targets: [
    target(`the most of the loop that one request takes (ms): ${worst[0]}`, valuesOf(worst[0], "loop"), {
      atMost: MAX_STALL_MS,
    }),
    target(`the longest stall of one request (ms): ${longest}`, valuesOf(longest, "stall"), {
      atMost: MAX_STALL_MS,
    }),
    target(`p99 of /login under 20 a second, by calm: ${slowest[0]}`, [many[slowest[0]] / calmP99], {
      atMost: MAX_TIMES_CALM,
    }),
    target("probes without their page", [unanswered], { atMost: 0 }),
  ],
});
process.exit();

function valuesOf(kind, key) {
  return measured[kind].map((round) => round[key]);
}

function noted(result) {
  unanswered += result.others.length;
  return result;
}

/** Begins a sign-in and returns the cookie of the pending login. */
async function pendingLogin() {
  const { username, password } = people.account(0);
  const body = new URLSearchParams({ username, password });
  const answer = await fetch(`${latchkey.origin}/login`, {
    method: "POST",
    redirect: "manual",
    headers,
    body,
  });
  const cookie = answer.headers.getSetCookie().find((line) => line.startsWith("__Host-latchkey="));
  if (!cookie) throw new Error(`The password was answered with ${answer.status}, and without a cookie.`);
  return cookie.split(";", 1)[0];
}
