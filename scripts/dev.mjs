/** `npm run dev`: builds and serves, and repeats both after each change of a source. */
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { buildIfStale, fingerprint } from "./build.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));

let server;
let served;
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => stop().then(() => process.exit(0)));
}
// Polls instead of watching: editors replace files, and a watch on the old file does not see the new one.
for (;;) {
  const now = fingerprint();
  if (now !== served) await restart();
  served = now;
  await sleep(400);
}

async function restart() {
  try {
    buildIfStale();
  } catch {
    // The build has printed what is wrong; the last good server runs until it is corrected.
    return;
  }
  await stop();
  server = spawn(process.execPath, ["dist/main.js"], { cwd: root, stdio: "inherit" });
}

async function stop() {
  if (!server || server.exitCode !== null) return;
  const ended = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGTERM");
  await ended;
}
