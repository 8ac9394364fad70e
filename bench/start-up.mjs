/** `npm run bench -- start-up`: how long the built server takes to answer, beside a bare Node server, and what memory it holds. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildIfStale } from "../scripts/build.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));
const ROUNDS = 9;
const BARE =
  'require("http").createServer((q, s) => s.end("ok")).listen(0, "127.0.0.1", function () { console.log("http://127.0.0.1:" + this.address().port) })';

await buildIfStale();
const dataDir = mkdtempSync(path.join(tmpdir(), "latchkey-bench-"));
const product = [];
const bare = [];
// Interleaved, so that whatever else the machine does falls on both.
for (let round = 0; round <= ROUNDS; round++) {
  const one = await start(["dist/main.js"]);
  const other = await start(["-e", BARE]);
  // The first round makes the database and fills the file cache.
  if (round === 0) continue;
  product.push(one);
  bare.push(other);
}
rmSync(dataDir, { recursive: true, force: true });

console.log(`  ${ROUNDS} rounds`);
report("Latchkey", product);
report("bare node:http", bare);
const ratio = median(product, "ms") / median(bare, "ms");
console.log(`ratio of the start-up times: ${ratio.toFixed(1)}`);

/** Milliseconds from the start of the process to its first answer; resident memory a second later. */
async function start(args) {
  const began = performance.now();
  const env = { ...process.env, NODE_ENV: "development", DATA_DIR: dataDir, PORT: "0", BASE_URL: "" };
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ["ignore", "pipe", "inherit"] });
  const address = await new Promise((resolve, reject) => {
    child.stdout.on("data", (chunk) => {
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(String(chunk))?.[0];
      if (found) resolve(found);
    });
    child.once("exit", () => reject(new Error(`${args[0]} did not start.`)));
  });
  await (await fetch(`${address}/login`)).arrayBuffer();
  const ms = performance.now() - began;
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const mb = residentMegabytes(child.pid);
  child.kill("SIGKILL");
  await new Promise((resolve) => child.once("exit", resolve));
  return { ms, mb };
}

/** From /proc; undefined where there is none. */
function residentMegabytes(pid) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}

function report(name, rounds) {
  const line = (key, unit) => {
    const values = rounds.map((round) => round[key]);
    return `${median(rounds, key).toFixed(0)} ${unit} (${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)})`;
  };
  console.log(`${name}: first answer after ${line("ms", "ms")}, resident ${line("mb", "MB")}`);
}

function median(rounds, key) {
  const sorted = rounds.map((round) => round[key]).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
