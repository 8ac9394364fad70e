/** Passwords: hashed with argon2id, checked at the same cost whether the account exists or not. */
import { availableParallelism } from "node:os";
import { hash, verify } from "@node-rs/argon2";
import { estimator, type Match } from "./estimator.js";
import { type HashLoad, HashQueue } from "./hash-queue.js";
import { PASSWORD_LENGTH } from "./policy.js";

/** OWASP Password Storage Cheat Sheet: argon2id, 19 MiB, two passes, one lane. */
const ARGON2ID = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export interface Passwords {
  /** A PHC string. @throws Overloaded */
  hash(password: string): Promise<string>;
  /** Costs one hash in any case; false without a stored hash. @throws Overloaded */
  matches(password: string, stored: string | undefined): Promise<boolean>;
  /** @throws Overloaded while `matches` would, having no room for one more */
  expectRoom(): void;
  load(): HashLoad;
}

/** @param random gives n random bytes. */
export function createPasswords(random: (n: number) => Uint8Array): Passwords {
  const queue = new HashQueue(Math.max(1, availableParallelism() - 1));
  let made: Promise<string> | undefined;
  /** One that failed is made again by the next who needs it. */
  const nobody = () => {
    made ??= hash(Buffer.from(random(16)).toString("hex"), ARGON2ID).catch((error) => {
      made = undefined;
      throw error;
    });
    return made;
  };
  nobody().catch(() => {});

  return {
    hash: (password) => queue.run(() => hash(normalise(password), ARGON2ID)),
    async matches(password, stored) {
      // Longer than any password that could have been set: no hash is spent on it, for any name.
      if (lengthOf(password) > PASSWORD_LENGTH.max) return false;
      const against = stored ?? (await nobody());
      const right = await queue.run(() => verify(against, normalise(password)));
      return right && stored !== undefined;
    },
    expectRoom: () => queue.expectRoom(),
    load: () => queue.load(),
  };
}

/** Why a new password is refused; all but the lengths: among the first million guesses. */
export type PasswordProblem =
  | "too-short"
  | "too-long"
  | "common"
  | "name"
  | "keyboard"
  | "repeat"
  | "sequence"
  | "date";

export type PasswordStrength = "fair" | "good" | "strong";

/**
 * What to think of a new password: its length, and how many guesses an attacker with word lists would need (NIST SP
 * 800-63B-4 §3.1.1.2: a blocklist and no composition rules).
 * @param nearby words that an attacker tries first here: the username, the name of the site
 * @throws StoreUnavailable while that cannot be estimated
 */
export async function judgePassword(
  password: string,
  nearby: string[],
): Promise<{ problem: PasswordProblem } | { strength: PasswordStrength }> {
  if (lengthOf(password) < PASSWORD_LENGTH.min) return { problem: "too-short" };
  if (lengthOf(password) > PASSWORD_LENGTH.max) return { problem: "too-long" };
  const { score, sequence } = (await estimator()).check(
    normalise(password).slice(0, ESTIMATED_LENGTH),
    nearby,
  );
  if (score < 2) return { problem: weakness(sequence) };
  return { strength: score === 2 ? "fair" : score === 3 ? "good" : "strong" };
}

/**
 * The estimator works while everyone else waits, and its time grows with the length. Within this bound the worst takes some
 * 20 ms, and a weak beginning counts as a weak password.
 */
const ESTIMATED_LENGTH = 32;

/** What the longest part of a weak password is. */
function weakness(sequence: readonly Match[]): PasswordProblem {
  const [longest] = [...sequence].sort((one, other) => other.token.length - one.token.length);
  if (longest?.dictionaryName === "userInputs") return "name";
  return WEAKNESSES.get(longest?.pattern ?? "") ?? "common";
}

const WEAKNESSES = new Map<string, PasswordProblem>([
  ["spatial", "keyboard"],
  ["repeat", "repeat"],
  ["sequence", "sequence"],
  ["date", "date"],
]);

function lengthOf(password: string): number {
  return [...normalise(password)].length;
}

/** Composed or decomposed, the same password gives the same bytes (NFC, as in RFC 8265 §4.2.2). */
function normalise(password: string): string {
  return password.normalize("NFC");
}
