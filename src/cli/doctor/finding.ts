/** What a check of `latchkey doctor` returns, and what the checks share. Tests: test/cli/doctor.test.ts */
import type { Auth } from "../../auth/index.js";
import type { Config } from "../../config/config.js";
import type { Io } from "../command.js";

/** The result of one check. `unknown` means that it cannot be decided now, which is no problem by itself. */
export interface Finding {
  state: "ok" | "problem" | "unknown";
  /** In whole sentences, for people. */
  says: string;
  /** What to do about it. */
  remedy?: string;
  /** The same facts as numbers and names, for programs. */
  facts?: Record<string, number | string>;
}

/** What earlier checks have found, for later ones. */
export interface Examined {
  io: Io;
  /** Set once the settings are valid. */
  config?: Config;
  /** Set once there is a usable database of Latchkey's. */
  hasDatabase?: boolean;
  /** Set once the schema is current: opens auth/ with these keys. */
  authWith?: (secrets: [string, ...string[]]) => Auth;
  /** Closes the database after all checks. */
  close?: () => Promise<void>;
}

export type Check = (examined: Examined) => Promise<Finding>;

export function ok(says: string): Finding {
  return { state: "ok", says };
}

export function problem(says: string, remedy: string): Finding {
  return { state: "problem", says, remedy };
}

/** A check that could not run because an earlier one found a problem. @param first what to correct first */
export function unknown(first: string): Finding {
  return { state: "unknown", says: `Not looked at: first see to ${first}.` };
}

/** A random key, for checks that decrypt nothing. */
export function throwawayKey(io: Io): [string] {
  return [Buffer.from(io.random(32)).toString("hex")];
}
