/** What a door may ask of a session beyond being one: how lately both factors were proved, and by what. */
import type { AuthContext } from "../context.js";
import type { Session } from "./sessions.js";

export interface AuthRequirement {
  /** Both factors were proved at most this long ago (ms); a trusted device has not proved the second. */
  maxAge?: number | undefined;
  /** One of these was used, as `totp`; undefined: whatever opens a session will do. */
  methods?: readonly string[] | undefined;
}

/** Whether a session is as fresh and as strong as a door asks (NIST SP 800-63B-4 §2.2.3, ASVS 5.0 7.5.1). */
export function meets(
  auth: Pick<AuthContext, "clock">,
  { provedAt, methods }: Pick<Session, "provedAt" | "methods">,
  demand: AuthRequirement,
): boolean {
  const isFresh =
    demand.maxAge === undefined || (provedAt !== undefined && auth.clock() - provedAt <= demand.maxAge);
  const isStrong = demand.methods === undefined || demand.methods.some((method) => methods.includes(method));
  return isFresh && isStrong;
}
