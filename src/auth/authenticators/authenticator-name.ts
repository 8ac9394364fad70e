/** What an authenticator may be called: one line, and no name twice in an account. */
import { LONGEST_NAME } from "../policy.js";

export type NameProblem = "empty" | "too-long" | "taken";

interface Named {
  name: string;
}

/** A name as it is kept: without line breaks and doubled spaces. */
export function tidyName(typed: string): string {
  return typed.replace(/[\s\p{Cc}\p{Cf}]+/gu, " ").trim();
}

/** What is wrong with a tidied name beside those of the account's other authenticators. */
export function nameProblem(name: string, others: readonly Named[]): NameProblem | undefined {
  if (name === "") return "empty";
  if ([...name].length > LONGEST_NAME) return "too-long";
  return isTaken(name, others) ? "taken" : undefined;
}

const NAME_WHEN_NONE_IS_GIVEN = "Authenticator app";

/** A name that none of the others has, for an authenticator that its owner did not name. */
export function someName(others: readonly Named[]): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? NAME_WHEN_NONE_IS_GIVEN : `${NAME_WHEN_NONE_IS_GIVEN} ${n}`;
    if (!isTaken(name, others)) return name;
  }
}

function isTaken(name: string, others: readonly Named[]): boolean {
  return others.some((other) => other.name.toLowerCase() === name.toLowerCase());
}
