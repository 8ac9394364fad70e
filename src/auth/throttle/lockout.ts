/**
 * Delays (rate limits) and lockouts: whether guesses are refused now, and clearing the failures behind that.
 * Tests: test/security/guessing-codes.test.ts, test/cli/account-unlock.test.ts
 */
import type { AuthContext, Client } from "../context.js";
import { LOCKOUT_AFTER } from "../policy.js";
import type { Account, Store } from "../store.js";
import { secondFactorPool, strangersCodePool, strangersPasswordPool } from "./pools.js";

/** Codes are refused unevaluated: during a delay, until a time; in a lockout, until the operator unlocks the account. */
export type Lockout = { until: number } | "until-unlocked";

/** Whether codes from this browser are refused unevaluated now, and until when. */
export async function lockoutFor(
  auth: AuthContext,
  owner: { accountId: string },
  client: Client,
): Promise<Lockout | undefined> {
  const account = await auth.store.accounts.byId(owner.accountId);
  return account && lockoutOf(auth, account, client);
}

/** The same for an account that was read already. */
export async function lockoutOf(
  auth: AuthContext,
  account: Account,
  client: Client,
): Promise<Lockout | undefined> {
  const pool = secondFactorPool(auth, account, client);
  const { failures, delayedUntil } = await auth.store.throttle.secondFactorState(account.id, pool);
  if (failures >= LOCKOUT_AFTER) return "until-unlocked";
  return delayedUntil > auth.clock() ? { until: delayedUntil } : undefined;
}

/** Whether the account is locked: only the operator can unlock it. */
export async function isLockedOut(store: Store, accountId: string): Promise<boolean> {
  return (await store.throttle.secondFactorFailures(accountId)) >= LOCKOUT_AFTER;
}

/** When strangers' passwords for a name are evaluated again; undefined if they are now. */
export function passwordDelay(auth: AuthContext, username: string): Promise<number | undefined> {
  return auth.store.throttle.delayedUntil([strangersPasswordPool(auth, username)], auth.clock());
}

/** Clears every failure against an account: the operator vouches for its owner. */
export async function clearFailures(
  auth: AuthContext,
  store: Store,
  account: { id: string; username: string },
): Promise<void> {
  await store.throttle.clearAccount(account.id);
  await clearPasswordFailures(auth, store, account);
}

/** Clears strangers' failures, as a new password makes the old guesses moot. */
export function clearPasswordFailures(
  auth: AuthContext,
  store: Store,
  account: { username: string },
): Promise<void> {
  return store.throttle.clear(strangersPasswordPool(auth, account.username));
}

/**
 * Clears the failures of known browsers when the browsers are forgotten: nothing else could clear them. A locked account stays
 * locked until the operator unlocks it.
 */
export async function clearBrowserFailures(store: Store, accountId: string): Promise<void> {
  if (await isLockedOut(store, accountId)) return;
  await store.throttle.clearAccount(accountId, strangersCodePool(accountId));
}

/** After a rename: strangers' failed passwords for the old name count for the new one too, and what was tried on that one does not. */
export function carryPasswordFailures(
  auth: AuthContext,
  store: Store,
  oldName: string,
  newName: string,
): Promise<void> {
  return store.throttle.copy(strangersPasswordPool(auth, oldName), strangersPasswordPool(auth, newName));
}
