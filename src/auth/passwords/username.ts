/** Usernames: which are allowed, and the one form in which they are stored and looked up. */
import { MAX_USERNAME_LENGTH } from "../policy.js";

const USERNAME = /^[a-z0-9][a-z0-9._@+-]*$/;

/** The stored form of what a person typed; undefined when no account can have that name. */
export function parseUsername(typed: string): string | undefined {
  const name = normaliseUsername(typed);
  return name.length <= MAX_USERNAME_LENGTH && USERNAME.test(name) ? name : undefined;
}

/** Trimmed and lower-cased, well-formed or not: what the throttle counts by. */
export function normaliseUsername(typed: string): string {
  return typed.trim().toLowerCase();
}
