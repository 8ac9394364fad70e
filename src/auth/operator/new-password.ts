/**
 * Judges a password that an operator or a host app gives, by the same rules as for owners, and says in a sentence what is wrong.
 * Tests: test/accounts/set-password.test.ts, test/cli/account.test.ts
 */
import type { AuthContext } from "../context.js";
import { judgePassword, type PasswordProblem } from "../passwords/password.js";
import { PASSWORD_LENGTH } from "../policy.js";

export interface PasswordRefused {
  outcome: "password-refused";
  reason: "short" | "long" | "common" | "like-the-name";
  /** One sentence for the operator. */
  message: string;
}

/** @returns the hash of the password, if it may be the account's. @throws Overloaded, StoreUnavailable */
export async function hashNewPassword(
  auth: AuthContext,
  username: string,
  typed: string,
): Promise<{ passwordHash: string } | PasswordRefused> {
  const judged = await judgePassword(typed, [username, auth.issuer]);
  if ("problem" in judged) return { outcome: "password-refused", ...REFUSALS[judged.problem] };
  return { passwordHash: await auth.passwords.hash(judged.password) };
}

const { min, max } = PASSWORD_LENGTH;

const REFUSALS: Record<PasswordProblem, Omit<PasswordRefused, "outcome">> = {
  "too-short": { reason: "short", message: `That password is too short: at least ${min} characters.` },
  "too-long": {
    reason: "long",
    message: `That password is too long: at most ${max.toLocaleString("en-GB")} characters.`,
  },
  common: {
    reason: "common",
    message: "That password is among the first that attackers try: choose another.",
  },
  name: {
    reason: "like-the-name",
    message: "That password is little more than the account's or the site's name: choose another.",
  },
  keyboard: {
    reason: "common",
    message: "That password is little more than a run of neighbouring keys: choose another.",
  },
  repeat: {
    reason: "common",
    message: "That password is little more than one thing repeated: choose another.",
  },
  sequence: {
    reason: "common",
    message: "That password is little more than a sequence of letters or digits: choose another.",
  },
  date: { reason: "common", message: "That password is little more than a date: choose another." },
};
