/** An app with Latchkey mounted in it, in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll } from "vitest";
import { newFolder } from "./new-folder.js";
import { freePort } from "./server-process.js";
import { Visitor } from "./visitor.js";

const DEADLINE_MS = 20_000;
const running = new Set<ChildProcess>();
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
});

export type AppProcess = Awaited<ReturnType<typeof startApp>>;

/** Starts `node ARGV` in a folder and waits until it answers. It reads its port from PORT, and has its own database. */
export async function startApp(folder: string, argv: string[], env: Record<string, string> = {}) {
  const port = await freePort();
  // Vitest sets NODE_ENV and a BASE_URL of its own.
  const settings = { PATH: process.env.PATH, PORT: String(port), DATA_DIR: newFolder(), ...env };
  const child = spawn(process.execPath, argv, { cwd: folder, env: settings });
  running.add(child);
  let out = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      out += chunk;
    });
  }
  const exit = new Promise<number | null>((resolve) => child.once("close", resolve));
  let ended = false;
  void exit.then(() => {
    ended = true;
    running.delete(child);
  });
  const address = `http://127.0.0.1:${port}`;
  if (!(await answers(address, () => ended))) throw new Error(`${argv.join(" ")} does not answer:\n${out}`);
  return {
    address,
    visitor: (headers: Record<string, string> = {}) => new Visitor(address, headers),
    output: () => out,
    /** Stops it as an operator does. @returns the exit code */
    stop: () => {
      child.kill("SIGTERM");
      return exit;
    },
  };
}

/** Whether the address answers in time, before the process has ended. */
async function answers(address: string, isOver: () => boolean): Promise<boolean> {
  const until = performance.now() + DEADLINE_MS;
  while (!isOver() && performance.now() < until) {
    if (await fetch(address, { method: "HEAD" }).then(Boolean, () => false)) return true;
    await delay(50);
  }
  return false;
}
