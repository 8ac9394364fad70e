/** The operator beside a running server: `latchkey account …` on a world's database, by its clock. */
import { expect, vi } from "vitest";
import { appSecret } from "./app-secret.js";
import { latchkey, type Outcome } from "./latchkey-command.js";
import type { World } from "./world.js";

/** Runs the command, whatever comes of it. @param stdin the line that it reads as a password. @param settings more of them */
export async function operate(
  world: World,
  args: string[],
  stdin = "",
  settings: Record<string, string> = {},
): Promise<Outcome> {
  // The command goes by the machine's clock: here that is the world's.
  const clock = vi.spyOn(Date, "now").mockImplementation(() => world.now());
  const env = { DATA_DIR: world.dataDir, APP_SECRETS: appSecret(), ...settings };
  try {
    return await latchkey(["account", ...args], { stdin, env });
  } finally {
    clock.mockRestore();
  }
}

/** Runs the command, which must succeed. @returns what it prints */
export async function succeed(world: World, args: string[], stdin = ""): Promise<string> {
  const { exit, out, err } = await operate(world, args, stdin);
  expect({ exit, err }).toEqual({ exit: 0, err: `Database: ${world.databaseFile}\n` });
  return out;
}

/** @throws when there is no account of that name */
export async function idOf(world: World, name: string): Promise<string> {
  const found = await world.store.accounts.byUsername(name);
  if (!found) throw new Error(`There is no ${name}.`);
  return found.id;
}

/** As many wrong codes from strangers; waiting for the delays between them would take hours of the world's time. */
export async function countWrongCodes(world: World, id: string, times: number): Promise<void> {
  const rule = { free: times, delays: [60_000], window: null };
  for (let n = 0; n < times; n++) {
    await world.store.throttle.count(`second-factor ${id}`, rule, world.now(), id);
  }
}

/** The newest line of an account's history, and how many lines there are. */
export async function newestLine(world: World, id: string) {
  const lines = await world.store.history.of(id, 50, 0);
  return { line: lines[0], lines: lines.length };
}
