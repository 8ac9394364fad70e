/** Names: which are allowed, and the one form in which those of Latchkey's own accounts are stored and looked up. */
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

/** Whether this is a text of 1 to `max` characters, none of them a control character or half a surrogate pair, and not only blanks. */
export function isText(value: unknown, max: number): value is string {
  // A character has at most two UTF-16 code units.
  if (typeof value !== "string" || value.length > 2 * max) return false;
  return [...value].length <= max && value.trim() !== "" && !/[\p{Cc}\p{Cs}]/u.test(value);
}
