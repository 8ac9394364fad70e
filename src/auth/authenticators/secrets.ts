/**
 * The secrets of authenticators, confirmed or not: sealed at rest, each bound to its account and its row.
 * Tests: test/security/stolen-database.test.ts, test/auth/keys/encryption.test.ts
 */
import type { AuthContext } from "../context.js";
import type { Authenticator } from "../store.js";

/** The secret of an authenticator. @throws SealError */
export function secretOf(auth: AuthContext, authenticator: Authenticator): Uint8Array {
  return openSecret(auth, { ...authenticator, authenticatorId: authenticator.id });
}

interface Owned {
  accountId: string;
  authenticatorId: string;
}

export function sealSecret(auth: AuthContext, owned: Owned, secret: Uint8Array): string {
  return auth.keys.seal(secret, sealContext(owned), auth.random(12));
}

/** @throws SealError */
export function openSecret(auth: AuthContext, sealed: Owned & { sealedSecret: string }): Uint8Array {
  return auth.keys.open(sealed.sealedSecret, sealContext(sealed));
}

/** What a sealed secret is bound to: its account and its row. */
export function sealContext({ accountId, authenticatorId }: Owned): string {
  return `totp ${accountId} ${authenticatorId}`;
}
