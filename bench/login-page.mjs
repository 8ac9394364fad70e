/** `npm run bench -- login-page`: how many login pages a second the server can answer, compared with bare servers. */
import { startBare } from "./support/bare.mjs";
import { allWere, load } from "./support/load.mjs";
import { startNaivePort } from "./support/peers.mjs";
import { ratios, report, target } from "./support/report.mjs";
import { inRounds } from "./support/rounds.mjs";
import { startLatchkey } from "./support/server.mjs";

const ROUNDS = 7;
const SECONDS = 2;

const latchkey = await startLatchkey();
const { bareHttp, bareExpress } = await startBare(latchkey.origin, "/login");
const servers = {
  Latchkey: latchkey,
  "naive port": await startNaivePort(),
  "bare Express route": bareExpress,
  "bare node:http": bareHttp,
};

const measured = await inRounds(
  Object.fromEntries(Object.entries(servers).map(([name, server]) => [name, () => pages(server)])),
  ROUNDS,
);
report({
  name: "login-page",
  setting: `GET /login, 16 connections, ${ROUNDS} rounds of ${SECONDS} s; Latchkey with its log in a file and its metrics on.`,
  columns: [
    { key: "perSecond", title: "pages/s" },
    { key: "p50", title: "p50 ms", digits: 2 },
    { key: "p99", title: "p99 ms", digits: 2 },
    { key: "processorMs", title: "processor ms/page", digits: 3 },
  ],
  measured,
  targets: [
    target("Latchkey / naive port, pages/s", ratios(measured, "Latchkey", "naive port", "perSecond"), {
      atLeast: 1.5,
    }),
    target(
      "Latchkey / bare Express route, pages/s",
      ratios(measured, "Latchkey", "bare Express route", "perSecond"),
      {
        atLeast: 0.55,
      },
    ),
  ],
});
process.exit();

async function pages(server) {
  const before = server.processorMs();
  const result = await load(server.origin, { path: "/login" }, { seconds: SECONDS });
  allWere(200, result);
  const processorMs = (server.processorMs() - before) / (result.perSecond * SECONDS);
  return { ...result, processorMs };
}
