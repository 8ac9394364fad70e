/**
 * The token that stands for a session where a proxy asks about it, and opens nothing else. It is made of the session's hash
 * and our signature: it has no row of its own, ends with its session, and is another after each step-up.
 */
import type { AuthContext } from "./context.js";
import { findByHash, type Session } from "./sessions.js";

const PURPOSE = "forward cookie";

/** A SHA-256 hash and an HMAC-SHA-256, in base64url. */
const WELL_FORMED = /^([\w-]{43})\.([\w-]{43})$/;

export function forwardToken(auth: AuthContext, { idHash }: Pick<Session, "idHash">): string {
  return `${idHash}.${auth.keys.sign(PURPOSE, idHash)}`;
}

/** The live session that a token stands for; undefined for everything else, pending logins too. @throws StoreUnavailable */
export async function findForwarded(auth: AuthContext, token: string): Promise<Session | undefined> {
  const [, idHash, signature] = WELL_FORMED.exec(token) ?? [];
  // Signed before it is looked up: whoever has read the database knows hashes, and no signature.
  if (idHash === undefined || signature === undefined || !auth.keys.isSigned(PURPOSE, idHash, signature)) {
    return undefined;
  }
  const state = await findByHash(auth, idHash);
  return state?.kind === "session" ? state : undefined;
}
