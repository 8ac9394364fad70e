/** Password hashing with argon2id, at the same cost whether the account exists or not (prevents account enumeration). */
import { availableParallelism } from "node:os";
import { MAX_RAW_PASSWORD, PASSWORD_LENGTH } from "../policy.js";
import type { Account } from "../store.js";
import { hashOwn, isOwnHash, verifyOwn } from "./argon2id.js";
import { estimator, type Match } from "./estimator.js";
import type { ForeignHash } from "./foreign-formats.js";
import { costOf, formsOf, type PasswordText, storedForeignHash, verifyForeign } from "./foreign-hashes.js";
import { type HashLoad, HashQueue, Overloaded } from "./hash-queue.js";
import { type Held, LineFull, RefusalTimes } from "./refusal-times.js";

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
   * Always computes one hash of our own, and one or two more for a stored hash of another system. Without a stored hash the
   * password is wrong.
   * @param dearest the longest check (ms) of another system's hash that any account has: a wrong password waits as long
   * @throws Overloaded
   */
  matches(guess: PasswordText, stored: string | undefined, dearest?: number): Promise<Verdict>;
  /** Gives the place back without a check. */
  release(): void;
}

/** `rehashed`: the stored hash is another system's, and this one of our own takes its place. */
export type Verdict = { isRight: false } | { isRight: true; rehashed?: string };

/** @param random gives n random bytes. */
export function createPasswords(random: (n: number) => Uint8Array): Passwords {
  const queue = new HashQueue(Math.max(1, availableParallelism() - 1));
  const foreignQueue = new HashQueue(FOREIGN_SLOTS, MAX_FOREIGN_WAITING);
  const refusals = new RefusalTimes(FOREIGN_SLOTS);
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

  /** @returns a hash of our own when the password is right */
  async function checkForeign(hash: ForeignHash, guess: PasswordText): Promise<string | undefined> {
    const began = performance.now();
    const isRight = await verifyForeign(hash, guess);
    refusals.observe(costOf(hash) * formsOf(guess), performance.now() - began);
    return isRight ? hashOwn(guess.password) : undefined;
  }

  /** @throws LineFull when the line is full, no sooner than a wrong password is refused */
  async function checkInLine(hash: ForeignHash, guess: PasswordText, held: Held | undefined) {
    try {
      return await foreignQueue.run(() => checkForeign(hash, guess));
    } catch (error) {
      if (!(error instanceof Overloaded)) throw error;
      await held?.untilDue();
      throw new LineFull("Too many passwords were checked at once.");
    }
  }

  return {
    hash: (password) => queue.run(() => hashOwn(password)),
    reserve() {
      const place = queue.reserve();
      return {
        release: place.release,
        async matches(guess, stored, dearest) {
          const held = dearest === undefined ? undefined : refusals.start(dearest * formsOf(guess));
          try {
            // A kind of hash that only a newer version knows matches no password.
            const own = stored !== undefined && isOwnHash(stored) ? stored : undefined;
            const isSame = await place.run(async () => verifyOwn(own ?? (await dummyHash()), guess.password));
            if (isSame && own !== undefined) return { isRight: true };
            const foreign = stored === undefined ? undefined : storedForeignHash(stored);
            const rehashed = foreign && (await checkInLine(foreign, guess, held));
            if (rehashed !== undefined) return { isRight: true, rehashed };
            await held?.untilDue();
            return { isRight: false };
          } finally {
            held?.end();
          }
        },
      };
    },
    load() {
      const [own, foreign] = [queue.load(), foreignQueue.load()];
      return {
        running: own.running + foreign.running,
        waiting: own.waiting + foreign.waiting,
        refused: {
          full: own.refused.full + foreign.refused.full + refusals.refused,
          tooLong: own.refused.tooLong + foreign.refused.tooLong,
        },
      };
    },
  };
}

/**
 * A line of their own for the hashes of other systems, so that guesses at imported names do not keep others out. They run in Node's
 * pool of four threads, with our own.
 */
const FOREIGN_SLOTS = availableParallelism() > 2 ? 2 : 1;
const MAX_FOREIGN_WAITING = 16;

/**
 * Whether the password that was proved is still the account's. A hash of another system that was replaced in the meantime, by a
 * sign-in at the same moment, is of the same password: a change of the password raises the credential version.
 */
export function isSamePassword(proved: PasswordOwner, current: PasswordOwner): boolean {
  if (current.passwordHash === proved.passwordHash) return true;
  const isRehashed = isOwnHash(current.passwordHash) && storedForeignHash(proved.passwordHash) !== undefined;
  return isRehashed && current.credentialVersion === proved.credentialVersion;
}

type PasswordOwner = Pick<Account, "passwordHash" | "credentialVersion">;

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
