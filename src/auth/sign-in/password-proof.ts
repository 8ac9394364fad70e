/**
 * The proof of the password at a step-up: kept for two minutes in the session's row, so that a wrong code does not make the person
 * type the password again. It is no second factor, and opens nothing.
 * Tests: test/security/password-proof.test.ts
 */
import type { AuthContext, Client } from "../context.js";
import { PASSWORD_PROOF_LASTS } from "../policy.js";
import type { Session } from "../sessions/sessions.js";
import type { Account, PasswordProof } from "../store.js";
import { type CurrentPassword, proveCurrentPassword } from "./current-password.js";

export type ProvedPassword =
  | { outcome: "proved"; proof: PasswordProof }
  /** None was typed, and no earlier proof holds: nothing was evaluated or counted. */
  | { outcome: "password-missing" }
  | Exclude<CurrentPassword, { outcome: "proved" }>;

/**
 * Proves the password, or takes the session's proof where none was typed. The proof is not renewed by its use; a wrong password
 * clears it. @throws Overloaded, StoreUnavailable
 */
export async function provePassword(
  auth: AuthContext,
  session: Session,
  typed: string,
  client: Client,
): Promise<ProvedPassword> {
  const { idHash, passwordProof: earlier } = session;
  if (typed === "") {
    const holds = earlier && lives(earlier, auth.clock());
    return holds ? { outcome: "proved", proof: earlier } : { outcome: "password-missing" };
  }
  const result = await proveCurrentPassword(auth, session, typed, client);
  if (result.outcome === "password-refused") await auth.store.sessions.setPasswordProof(idHash, null);
  if (result.outcome !== "proved") return result;
  // The version was read before the password was checked, so a change in between voids the proof.
  const proof = { at: auth.clock(), credentialVersion: result.account.credentialVersion };
  await auth.store.sessions.setPasswordProof(idHash, proof);
  return { outcome: "proved", proof };
}

/** Whether a proof still holds for the account as it is now, under its lock. */
export function isStillProved(auth: AuthContext, account: Account, proof: PasswordProof): boolean {
  return proof.credentialVersion === account.credentialVersion && lives(proof, auth.clock());
}

/** Until when a step-up in this session needs no password, in Unix milliseconds; undefined if it needs one. */
export function passwordAcceptedUntil(auth: AuthContext, session: Session): number | undefined {
  const { passwordProof: proof } = session;
  return proof && lives(proof, auth.clock()) ? endOf(proof) : undefined;
}

/** A proof from the future is none: the clock was set back, and it would last longer than it should. */
function lives(proof: PasswordProof, now: number): boolean {
  return proof.at <= now && now < endOf(proof);
}

export function endOf({ at }: PasswordProof): number {
  return at + PASSWORD_PROOF_LASTS;
}
