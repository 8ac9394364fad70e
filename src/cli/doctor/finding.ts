/** What a check of `latchkey doctor` finds, and what the checks stand on. */
import type { Auth } from "../../auth/index.js";
import type { Config } from "../../config/config.js";
import type { Io } from "../command.js";

/** `unknown`: it cannot be told now, which by itself is nothing wrong. */
export interface Finding {
  state: "ok" | "problem" | "unknown";
  /** In whole sentences, for people. */
  says: string;
  /** What to do about it. */
  remedy?: string;
  /** The same in numbers, for programs. */
  facts?: Record<string, number | string>;
}

/** Each check finds here what those before it have laid down. */
export interface Examined {
  io: Io;
  /** Once the settings are right. */
  config?: Config;
  /** Once there is a database of ours that can be used. */
  hasDatabase?: boolean;
  /** Once its tables are those of this version; with these keys. */
  authWith?: (secrets: [string, ...string[]]) => Auth;
  /** To be called when all is done. */
  close?: () => Promise<void>;
}

export type Check = (examined: Examined) => Promise<Finding>;

export function ok(says: string): Finding {
  return { state: "ok", says };
}

export function problem(says: string, remedy: string): Finding {
  return { state: "problem", says, remedy };
}

export function unknown(first: string): Finding {
  return { state: "unknown", says: `Not looked at: first see to ${first}.` };
}

/** For what needs no key. */
export function anyKey(io: Io): [string] {
  return [Buffer.from(io.random(32)).toString("hex")];
}
