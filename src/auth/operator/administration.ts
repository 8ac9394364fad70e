/**
 * What an operator does with accounts. Each change takes effect at once, also on running servers.
 * Tests: test/cli/account.test.ts, test/cli/account-disable.test.ts, test/cli/account-reset-2fa.test.ts,
 * test/cli/account-unlock.test.ts
 */
import { resetFutureSteps } from "../authenticators/future-steps.js";
import { type AuthContext, newId } from "../context.js";
import type { About, SecurityEvent } from "../events.js";
import { judgePassword, type PasswordProblem } from "../passwords/password.js";
import { parseUsername } from "../passwords/username.js";
import { LOCKOUT_AFTER } from "../policy.js";
import { revokeAllExcept } from "../sessions/revoke-all-except.js";
import type { Account } from "../store.js";
import { clearFailures, clearPasswordFailures, passwordDelay } from "../throttle/lockout.js";
import { inTransaction, onAccount, type Work } from "../transaction.js";

export type AddAccount =
  | { outcome: "added"; username: string }
  | { outcome: "not-a-username" }
  | { outcome: "taken"; username: string }
  | { outcome: "password-refused"; problem: PasswordProblem };

/** Adds an account without a second factor: its owner sets one up at the first sign-in. @throws Overloaded, StoreUnavailable */
export async function addAccount(auth: AuthContext, typed: string, password: string): Promise<AddAccount> {
  const username = parseUsername(typed);
  if (username === undefined) return { outcome: "not-a-username" };
  const judged = await judgePassword(password, [username, auth.issuer]);
  if ("problem" in judged) return { outcome: "password-refused", problem: judged.problem };
  const account = newAccount(auth, username, await auth.passwords.hash(judged.password), false);
  return inTransaction(auth, async ({ store, record }): Promise<AddAccount> => {
    if (!(await store.accounts.add(account))) return { outcome: "taken", username };
    await record({ type: "account-added", ...operatorOn(auth, account) });
    return { outcome: "added", username };
  });
}

/** A new account, without a second factor. */
export function newAccount(
  auth: AuthContext,
  username: string,
  passwordHash: string,
  isDemo: boolean,
): Account {
  return {
    id: newId(auth.random),
    username,
    passwordHash,
    isDemo,
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

type Unknown = { outcome: "unknown" };
type Done<T extends string> = { outcome: T; username: string };

/** Sets a password under the same rules as for owners, and revokes the account's sessions and pending logins. */
export async function setPassword(
  auth: AuthContext,
  typed: string,
  password: string,
): Promise<Done<"set"> | { outcome: "password-refused"; problem: PasswordProblem } | Unknown> {
  const username = parseUsername(typed);
  if (username === undefined) return { outcome: "unknown" };
  const judged = await judgePassword(password, [username, auth.issuer]);
  if ("problem" in judged) return { outcome: "password-refused", problem: judged.problem };
  const passwordHash = await auth.passwords.hash(judged.password);
  return changeAccount(auth, username, "set", async ({ auth, store, account }) => {
    await store.accounts.setPassword(account.id, passwordHash);
    await clearPasswordFailures(auth, store, account);
    await revokeAllExcept(auth, store, account.id);
    return { type: "password-changed" };
  });
}

/** Disables the account: revokes its sessions, and nobody can sign in. */
export function disableAccount(auth: AuthContext, typed: string): Promise<Done<"disabled"> | Unknown> {
  return changeAccount(auth, typed, "disabled", async ({ auth, store, account }) => {
    const isNew = await store.accounts.setDisabled(account.id, auth.clock());
    await revokeAllExcept(auth, store, account.id);
    return isNew ? { type: "account-disabled" } : undefined;
  });
}

/** Enables the account again; revoked sessions stay revoked. */
export function enableAccount(auth: AuthContext, typed: string): Promise<Done<"enabled"> | Unknown> {
  return changeAccount(auth, typed, "enabled", async ({ store, account }) => {
    const isNew = await store.accounts.setDisabled(account.id, null);
    return isNew ? { type: "account-enabled" } : undefined;
  });
}

/** Removes the account and everything that belongs to it, history and failures included. The event of the removal stays. */
export function removeAccount(auth: AuthContext, typed: string): Promise<Done<"removed"> | Unknown> {
  return changeAccount(auth, typed, "removed", async ({ auth, store, account }) => {
    await store.accounts.remove(account.id);
    await clearFailures(auth, store, account);
    return { type: "account-removed" };
  });
}

/**
 * Unlocks a locked or delayed account, and one whose codes are all refused because the server's clock ran ahead. `lifted` is the
 * number of such authenticators.
 */
export async function unlockAccount(
  auth: AuthContext,
  typed: string,
): Promise<(Done<"unlocked"> & { lifted: number }) | Unknown> {
  let lifted = 0;
  const done = await changeAccount(auth, typed, "unlocked", async ({ auth, store, account }) => {
    await clearFailures(auth, store, account);
    lifted = await resetFutureSteps(auth, store, account.id);
    if (lifted === 0) return { type: "account-unlocked" };
    return { type: "account-unlocked", reason: "clock-ahead", subject: String(lifted) };
  });
  return done.outcome === "unlocked" ? { ...done, lifted } : done;
}

/**
 * For owners who have lost everything: removes authenticators, recovery codes, sessions, trusted devices and failures. The next
 * sign-in sets up a new second factor; until then the password alone protects the account.
 */
export function resetSecondFactor(auth: AuthContext, typed: string): Promise<Done<"reset"> | Unknown> {
  return changeAccount(auth, typed, "reset", async ({ auth, store, account }) => {
    await store.authenticators.removeAll(account.id);
    await store.recoveryCodes.endAll(account.id, auth.clock());
    await store.accounts.resetSecondFactor(account.id);
    await revokeAllExcept(auth, store, account.id);
    await clearFailures(auth, store, account);
    return { type: "second-factor-reset" };
  });
}

export interface ListedAccount {
  username: string;
  isDemo: boolean;
  isDisabled: boolean;
  createdAt: Date;
  lastSignInAt: Date | undefined;
  authenticators: number;
  recoveryCodesLeft: number;
  /** Locked out: only `unlock` opens it. */
  isLocked: boolean;
  /** When codes from some browser are evaluated again. */
  codesDelayedUntil: Date | undefined;
  /** When passwords from unknown browsers are evaluated again. */
  passwordsDelayedUntil: Date | undefined;
}

/** All accounts, by name. */
export async function listAccounts(auth: AuthContext): Promise<ListedAccount[]> {
  const now = auth.clock();
  const listed: ListedAccount[] = [];
  for (const account of await auth.store.accounts.list()) {
    const { delayedUntil } = account;
    const passwordsUntil = await passwordDelay(auth, account.username);
    listed.push({
      username: account.username,
      isDemo: account.isDemo,
      isDisabled: account.disabledAt !== null,
      createdAt: new Date(account.createdAt),
      lastSignInAt: account.lastSignInAt === null ? undefined : new Date(account.lastSignInAt),
      authenticators: account.authenticators,
      recoveryCodesLeft: account.recoveryCodes,
      isLocked: account.failures >= LOCKOUT_AFTER,
      codesDelayedUntil: delayedUntil !== null && delayedUntil > now ? new Date(delayedUntil) : undefined,
      passwordsDelayedUntil: passwordsUntil === undefined ? undefined : new Date(passwordsUntil),
    });
  }
  return listed;
}

type Recorded = Extract<
  SecurityEvent,
  {
    type:
      | "password-changed"
      | "second-factor-reset"
      | `account-${"disabled" | "enabled" | "removed" | "unlocked"}`;
  }
>;

/** Finds the account and changes it in one transaction. `work` returns what to record, if anything changed. */
async function changeAccount<T extends string>(
  auth: AuthContext,
  typed: string,
  outcome: T,
  work: (on: Work & { account: Account }) => Promise<Recorded | undefined>,
): Promise<Done<T> | Unknown> {
  const username = parseUsername(typed);
  const found = username === undefined ? undefined : await auth.store.accounts.byUsername(username);
  if (!found) return { outcome: "unknown" };
  const gone: Done<T> | Unknown = { outcome: "unknown" };
  return onAccount(auth, found.id, gone, async (on): Promise<Done<T> | Unknown> => {
    const { auth, account, record } = on;
    const recorded = await work(on);
    if (recorded) await record({ ...recorded, ...operatorOn(auth, account) });
    return { outcome, username: account.username };
  });
}

export function operatorOn({ operator }: AuthContext, { id, username }: Account): About {
  const by = { kind: "operator", ...(operator !== undefined && { name: operator }) } as const;
  return { accountId: id, username, by };
}
