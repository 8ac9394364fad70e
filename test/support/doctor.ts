/** `latchkey doctor`, and what it finds: a line for each check. */
import { expect } from "vitest";
import { appSecret } from "./app-secret.js";
import { latchkey } from "./latchkey-command.js";
import type { World } from "./world.js";

/** In the order in which they are printed. */
export const CHECKS = [
  "settings",
  "permissions",
  "proxies",
  "forwarding",
  "database",
  "durability",
  "migrations",
  "keys",
  "clock",
  "steps",
] as const;

/** Runs the command with the keys of a test's world, unless the settings name others. @param now the time, in ms */
export function doctor(env: Record<string, string>, args: string[] = [], now = 0) {
  return latchkey(["doctor", ...args], { env: { APP_SECRETS: appSecret(), ...env }, now });
}

/** The exit code, and each check's line by its name. */
export async function findings(env: Record<string, string>, now?: number) {
  const { exit, out, err } = await doctor(env, [], now);
  const found = out.trimEnd().split("\n");
  expect(err).toBe("");
  expect(out).not.toContain("    at ");
  expect(found.map((line) => line.split(/ +/)[1])).toEqual(CHECKS);
  const named = Object.fromEntries(CHECKS.map((check, n) => [check, found[n] ?? ""]));
  return { exit, ...(named as Record<(typeof CHECKS)[number], string>) };
}

/** The same for the database of a world, by its clock, while its server runs. */
export function findingsOf({ dataDir, now }: World, env: Record<string, string> = {}) {
  return findings({ DATA_DIR: dataDir, ...env }, now());
}
