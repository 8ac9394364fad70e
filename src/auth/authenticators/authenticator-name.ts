/** What an authenticator may be called: one line, and no name twice in an account. */
import { MAX_NAME_LENGTH } from "../policy.js";

export type NameProblem = "empty" | "too-long" | "taken";

interface Named {
  name: string;
}

/** The stored form of a name: without line breaks and doubled spaces. */
export function normaliseName(typed: string): string {
  return typed.replace(/[\s\p{Cc}\p{Cf}]+/gu, " ").trim();
}

/**
 * The name that an address carries to a form, normalised; "" for what cannot be one. Longer text is not normalised (limit before
 * cost).
 */
export function nameInAddress(typed: unknown): string {
  if (typeof typed !== "string" || typed.length > MAX_RAW_NAME) return "";
  const name = normaliseName(typed);
  return nameProblem(name, []) === undefined ? name : "";
}

/** In UTF-16 code units, as typed: twice the longest name, and room for spaces. */
const MAX_RAW_NAME = 4 * MAX_NAME_LENGTH;

/** What is wrong with a normalised name, given the account's other authenticators. */
export function nameProblem(name: string, others: readonly Named[]): NameProblem | undefined {
  if (name === "") return "empty";
  if ([...name].length > MAX_NAME_LENGTH) return "too-long";
  return isTaken(name, others) ? "taken" : undefined;
}

/** What an authenticator is called that its owner did not name, where the site gives no word of its own language. */
const UNNAMED = "Authenticator app";

/** A unique name for an authenticator that its owner did not name: "Authenticator app", "Authenticator app 2". */
export function defaultName(others: readonly Named[], unnamed = UNNAMED): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? unnamed : `${unnamed} ${n}`;
    if (!isTaken(name, others)) return name;
  }
}

/** Whether a name is one that `defaultName` gives: it does not tell anybody where to look. */
export function isDefaultName(name: string, unnamed = UNNAMED): boolean {
  return (
    name === unnamed || (name.startsWith(`${unnamed} `) && /^[0-9]+$/.test(name.slice(unnamed.length + 1)))
  );
}

function isTaken(name: string, others: readonly Named[]): boolean {
  return others.some((other) => other.name.toLowerCase() === name.toLowerCase());
}
