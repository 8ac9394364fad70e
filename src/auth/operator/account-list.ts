/**
 * All accounts by name with what keeps anyone out, for `latchkey account list`.
 * Tests: test/cli/account-list.test.ts
 */
import type { AuthContext } from "../context.js";
import { passwordDelay } from "../throttle/lockout.js";
import { type AccountView, viewOf } from "./accounts.js";

/** The names of the first ten fields are older than `AccountView`: programs read them. */
export interface ListedAccount extends Omit<AccountView, "disabled" | "locked"> {
  isDemo: boolean;
  isDisabled: boolean;
  authenticators: number;
  recoveryCodesLeft: number;
  /** Locked out: only `unlock` opens it. */
  isLocked: boolean;
  /** When codes from some browser are evaluated again. */
  codesDelayedUntil: Date | undefined;
  /** When passwords from unknown browsers are evaluated again. */
  passwordsDelayedUntil: Date | undefined;
}

export async function listAccounts(auth: AuthContext): Promise<ListedAccount[]> {
  const now = auth.clock();
  const listed: ListedAccount[] = [];
  for (const account of await auth.store.accounts.list()) {
    const { delayedUntil } = account;
    const { disabled, locked, ...view } = viewOf(account);
    const passwordsUntil = await passwordDelay(auth, account.username);
    listed.push({
      ...view,
      isDemo: account.isDemo,
      isDisabled: disabled,
      authenticators: account.authenticators,
      recoveryCodesLeft: account.recoveryCodes,
      isLocked: locked,
      codesDelayedUntil: delayedUntil !== null && delayedUntil > now ? new Date(delayedUntil) : undefined,
      passwordsDelayedUntil: passwordsUntil === undefined ? undefined : new Date(passwordsUntil),
    });
  }
  return listed;
}
