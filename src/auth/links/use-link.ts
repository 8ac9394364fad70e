/**
 * Using a one-time link: its holder chooses a password, or proves the one of an account whose second factor was reset. Either
 * opens a pending login: a link alone signs nobody in.
 * Tests: test/web/pages/link.test.ts, test/security/links-raced.test.ts, test/security/links-reset.test.ts
 */
import { type AuthContext, aboutOf, type Client } from "../context.js";
import type { LinkPurpose } from "../events.js";
import {
  isSamePassword,
  judgePassword,
  normalisePassword,
  type PasswordProblem,
} from "../passwords/password.js";
import { revokeAllExcept } from "../sessions/revoke-all-except.js";
import { type NewSession, openSession } from "../sessions/sessions.js";
import type { Account } from "../store.js";
import { isOpenTo } from "../throttle/known-browsers.js";
import { clearPasswordFailures } from "../throttle/lockout.js";
import { reservePasswordAttempt } from "../throttle/password-attempts.js";
import { inTransaction, onAccount, type Work } from "../transaction.js";
import { type ClosedLink, opensByLink, readLink, spendLink } from "./links.js";

export type LinkView =
  | {
      state: "open";
      purpose: LinkPurpose;
      username: string;
      /** Whether the second step is to be set up next; else it asks for a code. */
      isSettingUp: boolean;
    }
  | { state: ClosedLink };

/** Whom a link is for, and what for; looking spends nothing. @throws StoreUnavailable */
export async function linkOf(auth: AuthContext, token: string, client: Client): Promise<LinkView> {
  const link = await openLinkFor(auth, token, client);
  if (link.state !== "open") return link;
  const { purpose, account } = link;
  const { username } = account;
  return { state: "open", purpose, username, isSettingUp: account.secondFactorSince === null };
}

/** What the form sent: the first for an invitation or a new password, the second for a reset. */
export interface LinkForm {
  newPassword: string;
  password: string;
}

export type UseLink =
  | { outcome: "password-accepted"; pendingLogin: NewSession }
  | { outcome: "new-password-refused"; problem: PasswordProblem }
  /** The account's own password was wrong. The link stays. */
  | { outcome: "password-refused" }
  | { outcome: "delayed"; until: number }
  /** Another request was first, or the link was closed already. */
  | { outcome: ClosedLink };

/** Uses a link and opens a pending login. A refused password leaves the link open. @throws Overloaded, StoreUnavailable */
export async function useLink(
  auth: AuthContext,
  token: string,
  form: LinkForm,
  client: Client,
): Promise<UseLink> {
  const link = await openLinkFor(auth, token, client);
  if (link.state !== "open") return { outcome: link.state };
  const { purpose, account } = link;
  if (purpose === "reset") return provePassword(auth, { token, account }, form.password, client);
  return choosePassword(auth, { token, account, purpose }, form.newPassword, client);
}

/** A link of the demo account opens only for those to whom the account does. */
async function openLinkFor(auth: AuthContext, token: string, client: Client) {
  const link = await readLink(auth, token);
  return link.state === "open" && !isOpenTo(link.account, client) ? ({ state: "ended" } as const) : link;
}

interface Opened {
  token: string;
  account: Account;
}

async function choosePassword(
  auth: AuthContext,
  link: Opened & { purpose: LinkPurpose },
  typed: string,
  client: Client,
): Promise<UseLink> {
  const { token, purpose } = link;
  const judged = await judgePassword(typed, [link.account.username, auth.issuer]);
  if ("problem" in judged) return { outcome: "new-password-refused", problem: judged.problem };
  const passwordHash = await auth.passwords.hash(judged.password);
  const gone: UseLink = { outcome: "unknown" };
  return onAccount(auth, link.account.id, gone, async (on): Promise<UseLink> => {
    const { auth, account, store, record } = on;
    if (!opensByLink(auth, account) || !(await spendLink(auth, store, account, token)))
      return closed(on, token);
    const about = aboutOf({ accountId: account.id, username: account.username }, client);
    await store.accounts.setPassword(account.id, passwordHash);
    await clearPasswordFailures(auth, store, account);
    const pendingLogin = await openSecondStep(on, account, client);
    const by = { ...about, family: pendingLogin.idHash };
    await record({ type: "link-used", reason: purpose, ...by });
    await record({ type: "password-changed", reason: "link", ...by });
    return { outcome: "password-accepted", pendingLogin };
  });
}

/**
 * After a reset neither the link nor a leaked password sets anything up alone. The password is throttled as at sign-in, in the
 * pools of strangers: the holder of the link may not be the owner.
 */
async function provePassword(
  auth: AuthContext,
  link: Opened,
  typed: string,
  client: Client,
): Promise<UseLink> {
  const owner = { accountId: link.account.id, username: link.account.username };
  const about = aboutOf(owner, client);
  const password = normalisePassword(typed);
  // Too long to be anyone's password: nothing to check or count.
  if (password === undefined) {
    auth.report({ type: "password-refused", ...about });
    return { outcome: "password-refused" };
  }
  const reserved = await reservePasswordAttempt(auth, { username: owner.username, owner }, client);
  if (reserved.outcome === "delayed") return reserved;
  const right = await reserved.attempt.isRight(password, async () => link.account, typed);
  return inTransaction(auth, async (on): Promise<UseLink> => {
    const { auth, store, record } = on;
    const account = right ? await store.accounts.lockRow(owner.accountId) : undefined;
    // The password that was proved must still be the account's.
    if (!account || !isSamePassword(link.account, account)) {
      await record({ type: "password-refused", ...about });
      return { outcome: "password-refused" };
    }
    await reserved.attempt.clear(store);
    if (!opensByLink(auth, account) || !(await spendLink(auth, store, account, link.token)))
      return closed(on, link.token);
    const pendingLogin = await openSecondStep(on, account, client);
    const by = { ...about, family: pendingLogin.idHash };
    await record({ type: "link-used", reason: "reset", ...by });
    await record({ type: "password-accepted", ...by });
    return { outcome: "password-accepted", pendingLogin };
  });
}

async function closed({ auth, store }: Work, token: string): Promise<UseLink> {
  const { state } = await readLink(auth, token, store);
  // Open a moment ago, by the account as it was then.
  return { outcome: state === "open" ? "ended" : state };
}

/**
 * Ends everything else, and opens a pending login for the second step. Ends others' pending logins too: one that was opened with
 * a leaked password must not go on to a set-up, now that a link is no longer needed.
 */
async function openSecondStep(on: Work, account: Account, client: Client): Promise<NewSession> {
  const { auth, store } = on;
  await revokeAllExcept(auth, store, account.id);
  await store.accounts.setNeedsLink(account.id, false);
  return openSession(auth, store, {
    kind: "pending",
    accountId: account.id,
    methods: "password",
    next: undefined,
    client,
    isSettingUp: account.secondFactorSince === null,
  });
}
