/** Starts the measured servers, each as a process on 127.0.0.1, and reads their memory and processor time. */
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildIfStale } from "../../scripts/build.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const running = new Set();
const folders = [];
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
// Stops servers and deletes folders also when a bench is interrupted.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

/** Creates a folder that is deleted when the process ends. */
export function newFolder() {
  const folder = mkdtempSync(path.join(tmpdir(), "latchkey-bench-"));
  folders.push(folder);
  return folder;
}

/** A free port. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Settings of a Latchkey in production on this machine. Reuse one result for a data folder: it holds the key of the folder's
 * database.
 */
export function settings({ dataDir = newFolder(), secret = randomBytes(32).toString("hex"), ...more } = {}) {
  return { NODE_ENV: "production", HOST: "127.0.0.1", APP_SECRETS: secret, DATA_DIR: dataDir, ...more };
}

/** Starts the built Latchkey in production, with its log in a file and metrics on. @param env from settings() */
export async function startLatchkey(env = settings()) {
  buildIfStale();
  const [port, metricsPort] = [await freePort(), await freePort()];
  return startServer([path.join(root, "dist/main.js")], {
    BASE_URL: `http://127.0.0.1:${port}`,
    METRICS_PORT: String(metricsPort),
    ...env,
    PORT: String(port),
  });
}

/**
 * Starts a Node.js program that listens on PORT, and waits for its first answer.
 * @param path the path to request until it answers
 */
export async function startServer(args, env = {}, { cwd = newFolder(), ask = "/login" } = {}) {
  const port = env.PORT ?? String(await freePort());
  const log = path.join(newFolder(), "log.txt");
  const out = openSync(log, "a");
  const began = performance.now();
  const child = spawn(process.execPath, args, {
    cwd,
    env: { PATH: process.env.PATH, NODE_ENV: "production", ...env, PORT: port },
    stdio: ["ignore", out, out],
  });
  running.add(child);
  const exited = new Promise((resolve) => child.once("exit", resolve));
  exited.then(() => running.delete(child));
  const origin = `http://127.0.0.1:${port}`;
  await firstAnswer(origin + ask, child, log);
  return {
    origin,
    pid: child.pid,
    log,
    /** The time from the start of the process to its first answer. */
    startedInMs: performance.now() - began,
    processorMs: () => processorMs(child.pid),
    loopMs: () => loopMs(child.pid),
    poolMs: () => poolMs(child.pid),
    residentMb: () => residentMb(child.pid),
    async stop() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

async function firstAnswer(url, child, log) {
  const deadline = performance.now() + 30_000;
  for (;;) {
    if (child.exitCode !== null || performance.now() > deadline) {
      throw new Error(`A server did not start:\n${readFileSync(log, "utf8")}`);
    }
    try {
      await (await fetch(url, { redirect: "manual" })).arrayBuffer();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
}

const TICKS_PER_SECOND = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/** Processor time (ms) that a process has used, in steps of 10. */
export function processorMs(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return ticksIn(stat) * (1_000 / TICKS_PER_SECOND);
}

/** Processor time of the main thread (ms, with a resolution of nanoseconds), which other processes do not affect. */
export function loopMs(pid) {
  const [nanoseconds] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ");
  return Number(nanoseconds) / 1e6;
}

const POOL_SIZE = 4;

/**
 * The same for libuv's thread pool alone, which hashes passwords. Older versions of Node.js give its threads no name; there
 * they are the youngest threads, because libuv starts them with the first work.
 */
export function poolMs(pid) {
  const threads = readdirSync(`/proc/${pid}/task`).sort((one, other) => one - other);
  const read = (thread, file) => readFileSync(`/proc/${pid}/task/${thread}/${file}`, "utf8");
  const named = threads.filter((thread) => read(thread, "comm").startsWith("libuv"));
  const pool = named.length > 0 ? named : threads.slice(-POOL_SIZE);
  const ticks = pool.map((thread) => ticksIn(read(thread, "stat")));
  return ticks.reduce((sum, one) => sum + one, 0) * (1_000 / TICKS_PER_SECOND);
}

function ticksIn(stat) {
  // The process name may contain spaces, so fields are counted from its closing bracket.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** Resident memory (MB). */
export function residentMb(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}
