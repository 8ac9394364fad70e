/** Password hashing with argon2id, at the same cost whether the account exists or not (prevents account enumeration). */
import { availableParallelism } from "node:os";
import { MAX_RAW_PASSWORD, PASSWORD_LENGTH } from "../policy.js";
import { hashOwn, isOwnHash, verifyOwn } from "./argon2id.js";
import { estimator, type Match } from "./estimator.js";
import { type HashLoad, HashQueue } from "./hash-queue.js";

export interface Passwords {
  /** @param password as `normalisePassword` gives it. @returns a PHC string. @throws Overloaded */
  hash(password: string): Promise<string>;
  /** Reserves a place for one check. @throws Overloaded when the queue is full */
  reserve(): PasswordCheck;
  load(): HashLoad;
}

/** A reserved place for one check; either method ends it. */
export interface PasswordCheck {
  /**
   * Always computes one hash; false without a stored hash.
   * @param password as `normalisePassword` gives it
   * @throws Overloaded
   */
  matches(password: string, stored: string | undefined): Promise<boolean>;
  /** Gives the place back without a check. */
  release(): void;
}

/** @param random gives n random bytes. */
export function createPasswords(random: (n: number) => Uint8Array): Passwords {
  const queue = new HashQueue(Math.max(1, availableParallelism() - 1));
  let made: Promise<string> | undefined;
  /** A hash that no password matches, to spend the same time on unknown names. After a failure the next caller tries again. */
  const dummyHash = () => {
    made ??= hashOwn(Buffer.from(random(16)).toString("hex")).catch((error) => {
      made = undefined;
      throw error;
    });
    return made;
  };
  dummyHash().catch(() => {});

  return {
    hash: (password) => queue.run(() => hashOwn(password)),
    reserve() {
      const place = queue.reserve();
      return {
        release: place.release,
        matches: (password, stored) =>
          place.run(async () => {
            // A kind of hash that only a newer version knows matches no password.
            const known = stored !== undefined && isOwnHash(stored) ? stored : undefined;
            const right = await verifyOwn(known ?? (await dummyHash()), password);
            return right && known !== undefined;
          }),
      };
    },
    load: () => queue.load(),
  };
}

/**
 * Normalises a password for hashing and judging: composed or decomposed, it gives the same bytes (NFC, RFC 8265 §4.2.2).
 * Undefined when it is too long (NIST SP 800-63B-4 §3.1.1.2): then no other code may process it.
 */
export function normalisePassword(typed: string): string | undefined {
  if (typed.length > MAX_RAW_PASSWORD) return undefined;
  const password = typed.normalize("NFC");
  return lengthOf(password) > PASSWORD_LENGTH.max ? undefined : password;
}

function lengthOf(password: string): number {
  return [...password].length;
}

/**
 * Why a new password is refused. All but the two about length mean: an attacker with word lists needs fewer than a million
 * guesses.
 */
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
 * Judges a new password by its length and by how many guesses an attacker with word lists would need (NIST SP 800-63B-4 §3.1.1.2: a
 * blocklist and no composition rules).
 * @param contextWords words that an attacker would try first: the username, the name of the site
 * @returns the problem; or the password in the form to be hashed, and its strength
 * @throws StoreUnavailable while the estimator cannot be loaded
 */
export async function judgePassword(
  typed: string,
  contextWords: string[],
): Promise<{ problem: PasswordProblem } | { password: string; strength: PasswordStrength }> {
  const password = normalisePassword(typed);
  if (password === undefined) return { problem: "too-long" };
  if (lengthOf(password) < PASSWORD_LENGTH.min) return { problem: "too-short" };
  const { score, sequence } = (await estimator()).check(password.slice(0, ESTIMATED_LENGTH), contextWords);
  if (score < 2) return { problem: weakness(sequence) };
  return { password, strength: score === 2 ? "fair" : score === 3 ? "good" : "strong" };
}

/**
 * The estimator blocks the event loop, and its time grows with the length. Within this bound the worst password takes about 20
 * ms; a weak beginning counts as a weak password.
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
