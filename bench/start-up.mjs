/** `npm run bench -- start-up`: the time from a server's start to its first answer, and its memory a second later. */
import { setTimeout as sleep } from "node:timers/promises";
import { prepareBetterAuth, startNaivePort } from "./support/peers.mjs";
import { ratios, report, target } from "./support/report.mjs";
import { inRounds } from "./support/rounds.mjs";
import { newFolder, settings, startLatchkey, startServer } from "./support/server.mjs";

const ROUNDS = 6;
const BARE =
  'require("http").createServer((_, answer) => answer.end("ok")).listen(Number(process.env.PORT), "127.0.0.1")';

// The warm-up round creates the database and fills the file cache.
const folder = settings({ dataDir: newFolder() });
const contenders = {
  Latchkey: () => figures(startLatchkey(folder)),
  "naive port": () => figures(startNaivePort()),
};
const betterAuth = prepareBetterAuth(1);
if (betterAuth) contenders["better-auth"] = () => figures(betterAuth.start());
contenders["bare node:http"] = () => figures(startServer(["-e", BARE]));

const measured = await inRounds(contenders, ROUNDS);
const ofBetterAuth = (what, key) =>
  betterAuth ? [target(what, ratios(measured, "Latchkey", "better-auth", key), { atMost: 1 })] : [];
report({
  name: "start-up",
  setting: `From the start of the process to its first answer, in production, on a database that is there; ${ROUNDS} rounds.`,
  columns: [
    { key: "ms", title: "first answer ms" },
    { key: "mb", title: "resident MB" },
  ],
  measured,
  targets: [
    ...ofBetterAuth("start-up, of better-auth's", "ms"),
    ...ofBetterAuth("resident memory, of better-auth's", "mb"),
  ],
});
process.exit();

async function figures(starting) {
  const server = await starting;
  await sleep(1_000);
  const mb = server.residentMb();
  await server.stop();
  return { ms: server.startedInMs, mb };
}
