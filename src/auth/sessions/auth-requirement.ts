/**
 * What an app may require of a session: how recently both factors were proved, and by which method.
 * Tests: test/require-session.test.ts, test/security/forward-auth.test.ts
 */
import type { AuthContext } from "../context.js";
import type { Session } from "./sessions.js";

export interface AuthRequirement {
  /** Both factors were proved at most this long ago (ms). A trusted device has not proved the second. */
  maxAge?: number | undefined;
  /** One of these was used, for example `totp`; undefined: any method that opens a session. */
  methods?: readonly string[] | undefined;
}

/** Whether a session is as fresh and as strong as required (NIST SP 800-63B-4 §2.2.3, ASVS 5.0 7.5.1). */
export function meets(
  auth: Pick<AuthContext, "clock">,
  { provedAt, methods }: Pick<Session, "provedAt" | "methods">,
  required: AuthRequirement,
): boolean {
  const isFresh =
    required.maxAge === undefined || (provedAt !== undefined && auth.clock() - provedAt <= required.maxAge);
  const isStrong =
    required.methods === undefined || required.methods.some((method) => methods.includes(method));
  return isFresh && isStrong;
}
