/** `npm run dev`: builds, serves, and starts again whenever a source changes. */
import { spawn } from "node:child_process";
import { existsSync, watch } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildIfStale } from "./build.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));
if (existsSync(".env")) process.loadEnvFile(".env");

let server;
let waiting;

async function restart() {
  try {
    await buildIfStale();
  } catch {
    // The compiler has said what is wrong; the last good server goes on until it is mended.
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

for (const folder of ["src", "views", "public"]) {
  watch(`${root}${folder}`, { recursive: true }, () => {
    // Editors write a file in several steps.
    clearTimeout(waiting);
    waiting = setTimeout(restart, 200);
  });
}
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => stop().then(() => process.exit(0)));
}
await restart();
