/** Accounts as the operator handles them, and as their owners see them. */
import { type AuthenticatorView, authenticatorsOf } from "./authenticators.js";
import { type AuthContext, newId } from "./context.js";
import { type PasswordProblem, passwordProblem } from "./password.js";
import type { Session } from "./sessions.js";
import { openAgain } from "./throttle.js";
import { usernameOf } from "./username.js";

export type AddAccount =
  | { outcome: "added"; username: string }
  | { outcome: "not-a-username" }
  | { outcome: "taken"; username: string }
  | { outcome: "password-refused"; problem: PasswordProblem };

/** Adds an account without a second factor: its owner sets one up at the first sign-in. @throws Overloaded, StoreUnavailable */
export async function addAccount(auth: AuthContext, typed: string, password: string): Promise<AddAccount> {
  const username = usernameOf(typed);
  if (username === undefined) return { outcome: "not-a-username" };
  const problem = await passwordProblem(password);
  if (problem) return { outcome: "password-refused", problem };
  const account = {
    id: newId(auth.random),
    username,
    passwordHash: await auth.passwords.hash(password),
    isDemo: false,
    createdAt: auth.clock(),
    secondFactorSince: null,
  };
  if (!(await auth.store.accounts.add(account))) return { outcome: "taken", username };
  auth.report({ type: "account-added", accountId: account.id, username });
  return { outcome: "added", username };
}

/** Opens a locked or delayed account again. */
export async function unlockAccount(
  auth: AuthContext,
  typed: string,
): Promise<{ outcome: "unlocked"; username: string } | { outcome: "unknown" }> {
  const username = usernameOf(typed);
  const account = username === undefined ? undefined : await auth.store.accounts.byUsername(username);
  if (!account) return { outcome: "unknown" };
  await openAgain(auth, account);
  auth.report({ type: "account-unlocked", accountId: account.id, username: account.username });
  return { outcome: "unlocked", username: account.username };
}

export interface AccountView {
  username: string;
  memberSince: Date;
  authenticators: AuthenticatorView[];
}

/** What the account page shows; undefined when the account was removed meanwhile. */
export async function accountOf(auth: AuthContext, session: Session): Promise<AccountView | undefined> {
  const account = await auth.store.accounts.byId(session.accountId);
  if (!account) return undefined;
  return {
    username: account.username,
    memberSince: new Date(account.createdAt),
    authenticators: await authenticatorsOf(auth, account.id),
  };
}
