/** An app with Latchkey in it as a process of its own; and somebody who signs in to it by the clock that everybody has. */
import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll } from "vitest";
import { fromBase32, totpAt } from "../../src/otp/index.js";
import { newFolder } from "./new-folder.js";
import { freePort } from "./server-process.js";
import { Visitor } from "./world.js";

const PATIENCE_MS = 20_000;
const running = new Set<ChildProcess>();
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
});

export type AppProcess = Awaited<ReturnType<typeof startApp>>;

/** Runs `node ARGV` in a folder until it answers; it takes its port from PORT, and has a database of its own. */
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
    /** As an operator does; resolves with the exit code. */
    stop: () => {
      child.kill("SIGTERM");
      return exit;
    },
  };
}

/** Whether something does, before it is over or too late. */
async function answers(address: string, isOver: () => boolean): Promise<boolean> {
  const until = performance.now() + PATIENCE_MS;
  while (!isOver() && performance.now() < until) {
    if (await fetch(address, { method: "HEAD" }).then(Boolean, () => false)) return true;
    await delay(50);
  }
  return false;
}

/** Sets up the demo account's authenticator, and answers with the secret. */
export async function enter(visitor: Visitor, mountedAt: string): Promise<string> {
  await visitor.post(`${mountedAt}/login`, { username: "test", password: "password" });
  const page = await visitor.get(`${mountedAt}/login/2fa`);
  const secret = /<code id="key"[^>]*>([A-Z2-7 ]+)<\/code>/.exec(page.text)?.[1]?.replaceAll(" ", "") ?? "";
  const answer = await visitor.post(`${mountedAt}/login/2fa`, { otp: codeOf(secret) });
  if (answer.status !== 200) throw new Error(`Setting up ended with ${answer.status}.`);
  return secret;
}

/** @param steps time steps from now: a code is accepted once, and the next one early */
export function codeOf(secret: string, steps = 0): string {
  return totpAt(fromBase32(secret), Date.now() / 1000 + steps * 30);
}
