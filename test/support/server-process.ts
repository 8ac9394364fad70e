/** The server in a process of its own: `node dist/main.js`. */
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach } from "vitest";
import { appSecret } from "./app-secret.js";
import { newFolder } from "./new-folder.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const started: ChildProcess[] = [];
const lasting: ChildProcess[] = [];
const end = (children: ChildProcess[]) => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
};
afterEach(() => end(started));
afterAll(() => end(lasting));

/**
 * Starts dist/main.js and waits until it has printed its address or has ended. It is killed after the running test.
 * @param options `forAllTests`: it is killed after the file instead; `bare`: it gets no other settings than `env`
 */
export async function start(
  env: Record<string, string>,
  { forAllTests = false, cwd = newFolder(), bare = false, main = path.join(root, "dist/main.js") } = {},
) {
  // Vitest sets NODE_ENV and a BASE_URL of its own.
  const usual = { NODE_ENV: "development", PORT: "0", DATA_DIR: newFolder() };
  const settings = { PATH: process.env.PATH, ...(bare ? {} : usual), ...env };
  const child = spawn(process.execPath, [main], {
    cwd,
    env: settings,
  });
  (forAllTests ? lasting : started).push(child);
  let out = "";
  let err = "";
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  const exit = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const address = await new Promise<string | undefined>((resolve) => {
    child.stdout.on("data", (chunk) => {
      out += chunk;
      const found = /ready at (https?:\/\/[^"\s]+)/.exec(out)?.[1];
      if (found) resolve(found);
    });
    child.once("exit", () => resolve(undefined));
  });
  return { child, address: address ?? "", exit, output: () => ({ out, err }) };
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The settings that production requires, on a port of this machine, which is its public address. */
export function productionOn(port: number, DATA_DIR: string) {
  return {
    NODE_ENV: "production",
    HOST: "127.0.0.1",
    PORT: String(port),
    BASE_URL: `http://127.0.0.1:${port}`,
    APP_SECRETS: appSecret(),
    DATA_DIR,
  };
}
