/** A row of an account for tests that write to the store themselves: new, open, without a second factor. */
import type { Account } from "../../src/auth/store.js";

export const NEW_ACCOUNT = {
  isDemo: false,
  createdAt: 1,
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
} satisfies Partial<Account>;
