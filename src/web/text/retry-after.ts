/** Rate limits and lockouts: what a page says while guesses are refused, and the Retry-After header. */
import type { Response } from "express";
import type { Lockout } from "../../auth/index.js";
import { message } from "../catalogue/message.js";
import type { Problem } from "../render/page.js";

/** Makes the answer a 429 with Retry-After, and returns the problem to show. @param until in Unix milliseconds */
export function tooManyTries(res: Response, until: number, now: Date): Problem {
  const wait = Math.max(until - now.getTime(), 1_000);
  res.status(429).set("Retry-After", String(Math.ceil(wait / 1_000)));
  return { reason: "delayed", text: message("too-many-tries", { wait }) };
}

export type LockView = { untilOperator: true } | { untilOperator?: never; until: Date; ms: number };

export const LOCKED: Problem = {
  reason: "locked",
  text: message("too-many-codes"),
};

/** What the `locked` partial shows; undefined if there is no lockout. Sets Retry-After if the lockout ends by itself. */
export function lockView(res: Response, lock: Lockout | undefined, now: Date): LockView | undefined {
  if (lock === undefined) return undefined;
  if (lock === "until-unlocked") return { untilOperator: true };
  const ms = Math.max(1_000, lock.until - now.getTime());
  res.set("Retry-After", String(Math.ceil(ms / 1_000)));
  return { until: new Date(lock.until), ms };
}
