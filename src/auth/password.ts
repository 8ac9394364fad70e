/** Passwords: hashed with argon2id, checked at the same cost whether the account exists or not. */
import { availableParallelism } from "node:os";
import { hash, verify } from "@node-rs/argon2";
import { HashQueue } from "./hash-queue.js";
import { PASSWORD_LENGTH } from "./policy.js";

/** OWASP Password Storage Cheat Sheet: argon2id, 19 MiB, two passes, one lane. */
const ARGON2ID = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export interface Passwords {
  /** A PHC string. @throws Overloaded */
  hash(password: string): Promise<string>;
  /** Costs one hash in any case; false without a stored hash. @throws Overloaded */
  matches(password: string, stored: string | undefined): Promise<boolean>;
}

/** @param random gives n random bytes. */
export function createPasswords(random: (n: number) => Uint8Array): Passwords {
  const queue = new HashQueue(Math.max(1, availableParallelism() - 1));
  const nobody = hash(Buffer.from(random(16)).toString("hex"), ARGON2ID);

  return {
    hash: (password) => queue.run(() => hash(normalise(password), ARGON2ID)),
    async matches(password, stored) {
      // Longer than any password that could have been set: no hash is spent on it, for any name.
      if (lengthOf(password) > PASSWORD_LENGTH.max) return false;
      const against = stored ?? (await nobody);
      const right = await queue.run(() => verify(against, normalise(password)));
      return right && stored !== undefined;
    },
  };
}

export type PasswordProblem = "too-short" | "too-long" | "common";

/** What is wrong with a new password (NIST SP 800-63B-4 §3.1.1.2: length and a blocklist, no composition rules). */
export async function passwordProblem(password: string): Promise<PasswordProblem | undefined> {
  if (lengthOf(password) < PASSWORD_LENGTH.min) return "too-short";
  if (lengthOf(password) > PASSWORD_LENGTH.max) return "too-long";
  return (await isCommon(password)) ? "common" : undefined;
}

function lengthOf(password: string): number {
  return [...normalise(password)].length;
}

/** Composed or decomposed, the same password gives the same bytes (NFC, as in RFC 8265 §4.2.2). */
function normalise(password: string): string {
  return password.normalize("NFC");
}

async function isCommon(password: string): Promise<boolean> {
  // Loaded when an account's password is set, never by a serving process that only signs people in.
  const { dictionary } = await import("@zxcvbn-ts/language-common");
  return dictionary["passwords-common"].includes(password.toLowerCase());
}
