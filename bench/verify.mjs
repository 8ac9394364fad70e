/** `npm run bench -- verify`: forward authentication with a live session, which a proxy requests for each request to an app. */
import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { startBare } from "./support/bare.mjs";
import { allWere, load } from "./support/load.mjs";
import { ratios, report, target } from "./support/report.mjs";
import { inRounds } from "./support/rounds.mjs";
import { seed } from "./support/seed.mjs";
import { newFolder, settings, startLatchkey } from "./support/server.mjs";

const ROUNDS = 7;
const SECONDS = 1;
const VERIFY = "/auth/verify";

const dataDir = newFolder();
const secret = randomBytes(32).toString("hex");
const { cookie } = await seed({ location: { dataDir }, secret, accounts: 100, sessions: 100 });
const latchkey = await startLatchkey(
  settings({ dataDir, secret, TRUST_PROXY: "loopback", ALLOWED_HOSTS: "app.example.org" }),
);
/** The headers that nginx sends with the configuration in docs/forward-auth.md. */
const asNginx = {
  cookie: `theme=dark; ${cookie(0)}; cart=3f9a1c`,
  "x-original-url": "http://app.example.org/reports?year=2026",
  "x-original-method": "GET",
  "sec-fetch-mode": "navigate",
  "x-forwarded-for": "203.0.113.9",
  "x-forwarded-proto": "http",
  "x-request-id": randomBytes(16).toString("hex"),
};
const plainly = { cookie: cookie(1) };
const { bareHttp, bareExpress } = await startBare(latchkey.origin, VERIFY, asNginx);

const measured = await inRounds(
  {
    "Latchkey, as nginx asks": () => questions(latchkey, asNginx),
    "Latchkey, by the cookie alone": () => questions(latchkey, plainly),
    "bare Express route": () => questions(bareExpress, asNginx),
    "bare node:http": () => questions(bareHttp, asNginx),
  },
  ROUNDS,
);
const own = measured["Latchkey, as nginx asks"];
report({
  name: "verify",
  setting: `GET ${VERIFY}, one live session of 100 in SQLite, 16 connections, ${ROUNDS} rounds of ${SECONDS} s; the bare servers send the same bytes and are asked as nginx asks.`,
  columns: [
    { key: "perSecond", title: "answers/s" },
    { key: "p50", title: "p50 ms", digits: 2 },
    { key: "p99", title: "p99 ms", digits: 2 },
    { key: "processorMs", title: "processor ms each", digits: 3 },
    { key: "written", title: "pages written" },
  ],
  measured,
  targets: [
    target(
      "of the bare Express route",
      ratios(measured, "Latchkey, as nginx asks", "bare Express route", "perSecond"),
      { atLeast: 0.5 },
    ),
    target(
      "p99 by p50",
      own.map(({ p99, p50 }) => p99 / p50),
      { atMost: 5 },
    ),
    // The rounds take less than a minute, so the session's last use is written in the warm-up round, or once during them.
    target("rounds in which anything was written", [own.filter(({ written }) => written > 0).length], {
      atMost: 1,
    }),
  ],
});
process.exit();

async function questions(server, headers) {
  const [processorBefore, writtenBefore] = [server.processorMs(), pagesWritten()];
  const result = await load(server.origin, { path: VERIFY, headers }, { seconds: SECONDS });
  allWere(200, result);
  return {
    ...result,
    processorMs: (server.processorMs() - processorBefore) / (result.perSecond * SECONDS),
    written: server === latchkey ? pagesWritten() - writtenBefore : undefined,
  };
}

/** The number of pages written so far: the write-ahead log holds each of them, and restarts only after a thousand. */
function pagesWritten() {
  const bytes = statSync(`${dataDir}/latchkey.sqlite-wal`).size;
  return Math.max(0, (bytes - 32) / (4_096 + 24));
}
