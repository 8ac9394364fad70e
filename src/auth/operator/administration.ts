/**
 * What an operator or a host app does with an account that is there. Each change takes effect at once, also on running servers. An
 * act repeated is done again, and adds no second event.
 * Tests: test/accounts/acts.test.ts, test/accounts/set-password.test.ts, test/cli/account.test.ts, test/cli/account-disable.test.ts,
 * test/cli/account-unlock.test.ts
 */
import { resetFutureSteps } from "../authenticators/future-steps.js";
import type { AuthContext } from "../context.js";
import type { SecurityEventType } from "../events.js";
import { isHosts } from "../passwords/own-password.js";
import { revokeAllExcept, revokeSignIns } from "../sessions/revoke-all-except.js";
import type { Account, Store } from "../store.js";
import { clearFailures, clearPasswordFailures } from "../throttle/lockout.js";
import { inTransaction } from "../transaction.js";
import { isId } from "./accounts.js";
import { aboutActOn, changeAccount, type Done, type Unknown } from "./change-account.js";
import { hashNewPassword, type PasswordRefused } from "./new-password.js";

export type NotPossible = { outcome: "not-possible" };

/**
 * Sets a password under the same rules as for owners, and revokes the account's sessions and pending logins. Not possible for people
 * whose password only the host app knows. @throws Overloaded, StoreUnavailable
 */
export async function setPassword(
  auth: AuthContext,
  id: unknown,
  password: string,
): Promise<Done | Unknown | PasswordRefused | NotPossible> {
  const found = isId(id) ? await auth.store.accounts.byId(id) : undefined;
  if (!found) return { outcome: "unknown" };
  if (auth.users || isHosts(found)) return { outcome: "not-possible" };
  const hashed = await hashNewPassword(auth, found.username, password);
  if ("outcome" in hashed) return hashed;
  return changeAccount<NotPossible>(auth, id, async ({ auth, store, account }) => {
    // It may have become the host's meanwhile.
    if (isHosts(account)) return { outcome: "not-possible" };
    await store.accounts.setPassword(account.id, hashed.passwordHash);
    await clearPasswordFailures(auth, store, account);
    await revokeAllExcept(auth, store, account.id);
    return [{ type: "password-changed" }];
  });
}

/** Disables the account: revokes its sessions, and nobody can sign in. */
export function disableAccount(auth: AuthContext, id: unknown): Promise<Done | Unknown> {
  return changeAccount(auth, id, async ({ auth, store, account }) => {
    const isNew = await store.accounts.setDisabled(account.id, auth.clock());
    await revokeAllExcept(auth, store, account.id);
    return isNew ? [{ type: "account-disabled" }] : [];
  });
}

/** Enables the account again; revoked sessions stay revoked. */
export function enableAccount(auth: AuthContext, id: unknown): Promise<Done | Unknown> {
  return changeAccount(auth, id, async ({ store, account }) => {
    const isNew = await store.accounts.setDisabled(account.id, null);
    return isNew ? [{ type: "account-enabled" }] : [];
  });
}

/**
 * Unlocks a locked or delayed account, and one whose codes are all refused because the server's clock ran ahead. `lifted` is the
 * number of such authenticators.
 */
export async function unlockAccount(
  auth: AuthContext,
  id: unknown,
): Promise<(Done & { lifted: number }) | Unknown> {
  let lifted = 0;
  const done = await changeAccount(auth, id, async ({ auth, store, account }) => {
    await clearFailures(auth, store, account);
    lifted = await resetFutureSteps(auth, store, account.id);
    if (lifted === 0) return (await isNewest(store, account, UNLOCKED, FAILURES)) ? [] : [{ type: UNLOCKED }];
    return [{ type: "account-unlocked", reason: "clock-ahead", subject: String(lifted) }];
  });
  return done.outcome === "done" ? { ...done, lifted } : done;
}

/**
 * Ends the account's sessions and pending logins, and forgets its trusted and known browsers; links stay. Host apps call it after
 * a change of a password that is their own.
 */
export function signOutAccount(auth: AuthContext, id: unknown): Promise<Done | Unknown> {
  return changeAccount(auth, id, async ({ auth, store, account }) => {
    await revokeSignIns(auth, store, account.id);
    return (await isNewest(store, account, SIGNED_OUT, ["signed-in"])) ? [] : [{ type: SIGNED_OUT }];
  });
}

const UNLOCKED = "account-unlocked";
const FAILURES: SecurityEventType[] = ["password-refused", "code-refused", "recovery-code-refused"];
const SIGNED_OUT = "account-signed-out";

/** Whether an act stands in the history, and nothing since then that it would have undone: then it is repeated. */
async function isNewest(
  store: Store,
  { id }: Account,
  act: SecurityEventType,
  undone: readonly SecurityEventType[],
): Promise<boolean> {
  const [newest] = await store.history.of(id, 1, 0, [act, ...undone]);
  return newest?.type === act;
}

/** Removes the account and everything that belongs to it, history and failures included. The event of the removal stays. */
export async function removeAccount(auth: AuthContext, id: unknown): Promise<{ outcome: "done" } | Unknown> {
  if (!isId(id)) return { outcome: "unknown" };
  return inTransaction(auth, async ({ auth, store, record }): Promise<{ outcome: "done" } | Unknown> => {
    const account: Account | undefined = await store.accounts.lockRow(id);
    if (!account) return { outcome: "unknown" };
    await store.accounts.remove(id);
    await clearFailures(auth, store, account);
    await record({ type: "account-removed", ...aboutActOn(auth, account) });
    return { outcome: "done" };
  });
}
