/** The row of a new account. Tests: test/accounts/create.test.ts, test/host/accounts.test.ts */
import { type AuthContext, newId } from "../context.js";
import type { Account } from "../store.js";

/** A new account, without a second factor. */
export function newAccount(auth: AuthContext, username: string, passwordHash: string): Account {
  return {
    id: newId(auth.random),
    username,
    passwordHash,
    isDemo: false,
    createdAt: auth.clock(),
    secondFactorSince: null,
    credentialVersion: 0,
    disabledAt: null,
    lastSignInAt: null,
    externalId: null,
    email: null,
    emailConfirmed: false,
    name: null,
    groups: [],
    needsLink: false,
  };
}
