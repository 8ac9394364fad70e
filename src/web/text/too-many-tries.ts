/** What a password form answers while passwords are not looked at. */
import type { Response } from "express";
import type { Problem } from "../render/page.js";
import { duration } from "./format.js";

/** Makes the answer a 429 that says when to come back. @param until in Unix milliseconds */
export function tooManyTries(res: Response, until: number, now: Date): Problem {
  const wait = Math.max(until - now.getTime(), 1_000);
  res.status(429).set("Retry-After", String(Math.ceil(wait / 1_000)));
  return { text: `Too many tries. Wait ${duration(wait)}, then try again.` };
}
