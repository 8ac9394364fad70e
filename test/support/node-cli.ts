/** The `latchkey` command in a process of its own: `node dist/cli.js`. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Outcome } from "./latchkey-command.js";
import { newFolder } from "./new-folder.js";

const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

export async function latchkeyProcess(
  argv: string[],
  env: Record<string, string> = {},
  cwd = newFolder(),
): Promise<Omit<Outcome, "exit"> & { exit: number | null }> {
  const child = spawn(process.execPath, [cli, ...argv], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  const exit = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { exit, out, err };
}
