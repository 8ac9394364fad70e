/** Runs the `latchkey` command in this process, with the input, clock and environment of the test. */
import { Readable } from "node:stream";
import type { Io } from "../../src/cli/command.js";
import { runCli } from "../../src/cli/run.js";

export interface Outcome {
  exit: number;
  out: string;
  err: string;
}

interface World {
  now?: number;
  random?: Io["random"];
  /** As bytes where it is not UTF-8. */
  stdin?: string | Uint8Array;
  env?: Io["env"];
  operator?: string;
}

export async function latchkey(argv: string[], world: World = {}): Promise<Outcome> {
  let out = "";
  let err = "";
  const exit = await runCli(argv, {
    stdin: Readable.from(world.stdin?.length ? [world.stdin] : []),
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    env: world.env ?? {},
    now: () => world.now ?? 0,
    random: world.random ?? counting,
    operator: () => world.operator ?? "olga",
  });
  return { exit, out, err };
}

export function counting(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => index);
}
