/** Whose password an account has: one of Latchkey's own, or one that only the host app knows. Tests: test/accounts/set-password.test.ts */
import type { Account } from "../store.js";

/** Whether only the host app knows this person's password: the account has the host's id, and no password of Latchkey's own. */
export function isHosts({ externalId, passwordHash }: Pick<Account, "externalId" | "passwordHash">): boolean {
  return externalId !== null && passwordHash === "";
}

export function hasOwnPassword({ passwordHash }: Pick<Account, "passwordHash">): boolean {
  return passwordHash !== "";
}
