/** `npm run dev`: builds, serves, and does both again whenever a source has changed. */
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { buildIfStale, fingerprint } from "./build.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));

let server;
let seen;
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => stop().then(() => process.exit(0)));
}
// Asked for rather than watched: editors replace files, and a watch on the old one hears nothing of the new.
for (;;) {
  const now = fingerprint();
  if (now !== seen) await restart();
  seen = now;
  await sleep(400);
}

async function restart() {
  try {
    buildIfStale();
  } catch {
    // The build has said what is wrong; the last good server goes on until it is mended.
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
