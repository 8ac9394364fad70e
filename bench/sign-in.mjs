/** `npm run bench -- sign-in`: complete sign-ins, from the login page to the landing page, eight people at a time. */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { BETTER_AUTH, journeys, LATCHKEY, NAIVE_PORT } from "./support/journey.mjs";
import { percentiles } from "./support/load.mjs";
import { NAIVE_USER, prepareBetterAuth, startNaivePort } from "./support/peers.mjs";
import { ratios, report, target } from "./support/report.mjs";
import { inRounds } from "./support/rounds.mjs";
import { seed } from "./support/seed.mjs";
import { newFolder, settings, startLatchkey } from "./support/server.mjs";

const ROUNDS = 5;
const SECONDS = 2.2;
/** Each person signs in once, so that no time step is needed twice (a replay would be refused). */
const PEOPLE = 10_000;
/** Fewer people for better-auth, which does not refuse replay: they sign in again. */
const PEOPLE_OF_BETTER_AUTH = 500;

const location = { dataDir: newFolder() };
const secret = randomBytes(32).toString("hex");
const { account } = await seed({ location, secret, accounts: PEOPLE });
const people = Array.from({ length: PEOPLE }, (_, n) => account(n));
const inTurn = (count, person) => {
  let n = 0;
  return () => person(n++ % count);
};

/** The same product and accounts, but with argon2id's lowest parameters: this measures everything except the password hash. */
const WITHOUT_HASH = "Latchkey, hash of no cost";
const elsewhere = { dataDir: newFolder() };
await seed({ location: elsewhere, secret, accounts: PEOPLE, cheapHash: true });

const contenders = {
  Latchkey: contender(
    await startLatchkey(settings({ ...location, secret })),
    LATCHKEY,
    inTurn(PEOPLE, (n) => people[n]),
  ),
  [WITHOUT_HASH]: contender(
    await startLatchkey(settings({ ...elsewhere, secret })),
    LATCHKEY,
    inTurn(PEOPLE, (n) => people[n]),
  ),
  "naive port, argon2id one at a time": contender(
    await startNaivePort({ people, hashesAtOnce: 1 }),
    NAIVE_PORT,
    inTurn(PEOPLE, (n) => people[n]),
  ),
  "naive port, argon2id unbounded": contender(
    await startNaivePort({ people }),
    NAIVE_PORT,
    inTurn(PEOPLE, (n) => people[n]),
  ),
  "naive port, password in the clear": contender(await startNaivePort(), NAIVE_PORT, () => NAIVE_USER),
};
const betterAuth = prepareBetterAuth(PEOPLE_OF_BETTER_AUTH);
if (betterAuth) {
  const next = inTurn(PEOPLE_OF_BETTER_AUTH, betterAuth.person);
  contenders["better-auth"] = contender(await betterAuth.start(), BETTER_AUTH, next);
}
contenders["argon2id alone, one at a time"] = hashes;

// Warms up: after a few hundred sign-ins V8 is still compiling a server's code.
for (const name of Object.keys(contenders).filter((name) => /^(Latchkey|naive port, argon2id)/.test(name))) {
  for (let times = 0; times < 2; times++) await contenders[name]();
}
const measured = await inRounds(contenders, ROUNDS);
report({
  name: "sign-in",
  setting:
    `GET, POST password, GET, POST code, landing page; 8 people at a time, ${ROUNDS} rounds of ${SECONDS} s. ` +
    "Latchkey in production on an SQLite file, with its log in a file and its metrics on. Processor time beside the " +
    "hash: that of the server's threads but the four of libuv's pool, which hash. With a hash of no cost it is not slowed down by " +
    "one that runs beside it.",
  columns: [
    { key: "perSecond", title: "sign-ins/s", digits: 1 },
    { key: "p50", title: "p50 ms", digits: 1 },
    { key: "p99", title: "p99 ms", digits: 1 },
    { key: "processorMs", title: "processor ms each", digits: 2 },
    { key: "besideMs", title: "beside the hash", digits: 2 },
  ],
  measured,
  targets: [
    target(
      "of the naive port with argon2id one at a time",
      ratios(measured, "Latchkey", "naive port, argon2id one at a time", "perSecond"),
      { atLeast: 0.9 },
    ),
    ...(betterAuth
      ? [
          target("times better-auth", ratios(measured, "Latchkey", "better-auth", "perSecond"), {
            atLeast: 6,
          }),
        ]
      : []),
    target(
      "ms of processor time without the hash",
      measured[WITHOUT_HASH].map(({ processorMs }) => processorMs),
      { atMost: 2.5 },
    ),
  ],
});
process.exit();

function contender(server, steps, next) {
  return async () => {
    const [all, pool] = [server.processorMs(), server.poolMs()];
    const { count, ...result } = await journeys(server.origin, steps, next, { seconds: SECONDS });
    const processorMs = (server.processorMs() - all) / count;
    return { ...result, processorMs, besideMs: processorMs - (server.poolMs() - pool) / count };
  };
}

async function hashes() {
  const script = fileURLToPath(new URL("peers/argon2id.mjs", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, String(SECONDS)]);
  const { took, processorMs } = JSON.parse(stdout);
  return { perSecond: took.length / SECONDS, ...percentiles(took), processorMs };
}
