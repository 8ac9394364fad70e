/**
 * The forward token: stands for a session at /auth/verify and opens nothing else. It is the session's hash with our signature, so
 * it has no row of its own, ends with its session, and changes with each step-up.
 * Tests: test/security/forward-auth-cookies.test.ts
 */
import type { AuthContext, Client } from "../context.js";
import { signOutByHash } from "./revoke.js";
import { findByHash, type Session } from "./sessions.js";

const PURPOSE = "forward cookie";

/** A SHA-256 hash and an HMAC-SHA-256, in base64url. */
const WELL_FORMED = /^([\w-]{43})\.([\w-]{43})$/;

export function forwardToken(auth: AuthContext, { idHash }: Pick<Session, "idHash">): string {
  return `${idHash}.${auth.keys.sign(PURPOSE, idHash)}`;
}

/** The live session that a token stands for; undefined for everything else, pending logins too. @throws StoreUnavailable */
export async function findForwarded(auth: AuthContext, token: string): Promise<Session | undefined> {
  const idHash = signedHash(auth, token);
  const state = idHash === undefined ? undefined : await findByHash(auth, idHash);
  return state?.kind === "session" ? state : undefined;
}

/** Signs out a browser that has only a forward token: ends its session and everything else of the same sign-in. */
export async function signOutForwarded(auth: AuthContext, token: string, client: Client): Promise<void> {
  const idHash = signedHash(auth, token);
  if (idHash !== undefined) await signOutByHash(auth, idHash, client);
}

/** The signature is checked before the lookup: a stolen database yields hashes but no signatures. */
function signedHash(auth: AuthContext, token: string): string | undefined {
  const [, idHash, signature] = WELL_FORMED.exec(token) ?? [];
  if (idHash === undefined || signature === undefined) return undefined;
  return auth.keys.isSigned(PURPOSE, idHash, signature) ? idHash : undefined;
}
