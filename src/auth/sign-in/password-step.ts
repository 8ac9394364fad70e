/**
 * The first step: a password opens a pending login, or, in a trusted browser, a session.
 * Tests: test/web/pages/login.test.ts, test/security/guessing-passwords.test.ts, test/security/enumeration.test.ts
 */
import { type AuthContext, aboutOf, type Client } from "../context.js";
import { isSamePassword, normalisePassword } from "../passwords/password.js";
import { parseUsername } from "../passwords/username.js";
import { type MakeSessionData, type NewSession, openSession } from "../sessions/sessions.js";
import { holdsToken, useTrustedDevice } from "../sessions/trusted-devices.js";
import type { Account, Store } from "../store.js";
import { findKnownBrowser, isOpenTo } from "../throttle/known-browsers.js";
import { isLockedOut } from "../throttle/lockout.js";
import { reservePasswordAttempt } from "../throttle/password-attempts.js";
import { inTransaction } from "../transaction.js";
import { recordSignIn, type SignInSummary } from "./summary.js";
import { recordUnfinished } from "./unfinished-logins.js";

export interface Credentials {
  username: string;
  password: string;
  /** Where the person wanted to go, as the web has checked it. */
  next: string | undefined;
}

export type StartLogin =
  | { outcome: "password-accepted"; pendingLogin: NewSession }
  /** The browser is a trusted device: its token stood for the second factor. */
  | { outcome: "signed-in"; session: NewSession; summary: SignInSummary }
  /** Wrong password, unknown name, or closed account: indistinguishable in content and timing (prevents account enumeration). */
  | { outcome: "refused" }
  | { outcome: "delayed"; until: number };

/**
 * Checks a password and opens a pending login, or, on a trusted device, a session.
 * @param sessionData is given the summary for a session, and undefined for a pending login
 * @throws Overloaded, StoreUnavailable
 */
export async function startLogin(
  auth: AuthContext,
  credentials: Credentials,
  client: Client,
  sessionData: MakeSessionData<SignInSummary | undefined> = () => "",
): Promise<StartLogin> {
  const password = normalisePassword(credentials.password);
  // Too long to be anyone's password: nothing to check or count, and no row is written.
  if (password === undefined) {
    auth.report({ type: "password-refused", ...aboutOf(undefined, client) });
    return { outcome: "refused" };
  }
  const known = await findKnownBrowser(auth, credentials.username, client);
  const reserved = await reservePasswordAttempt(auth, { username: credentials.username, ...known }, client);
  if (reserved.outcome === "delayed") return reserved;

  let account: Account | undefined;
  const find = async () => {
    account = await accountFor(auth, credentials.username, client);
    // The right password of a disabled account is refused, so it is refused at the time of a wrong one.
    return account?.disabledAt === null ? account : undefined;
  };
  const right = await reserved.attempt.isRight(password, find, credentials.password);
  return inTransaction(auth, async ({ auth, store, record }): Promise<StartLogin> => {
    const about = aboutOf(account && { accountId: account.id, username: account.username }, client);
    const current = right && account ? await store.accounts.lockRow(account.id) : undefined;
    // The password that was proved must still be the account's, and the account open.
    if (!current || current.disabledAt !== null || !account || !isSamePassword(account, current)) {
      await record({ type: "password-refused", ...about });
      return { outcome: "refused" };
    }
    const trusted = await signInTrusted(auth, store, current, client, sessionData);
    if (trusted) {
      const family = trusted.session.idHash;
      await record({ type: "signed-in", reason: BY_TRUSTED_DEVICE, ...about, family });
      await reserved.attempt.clear(store);
      return trusted;
    }
    const pendingLogin = await openSession(auth, store, {
      kind: "pending",
      accountId: current.id,
      methods: "password",
      next: credentials.next,
      client,
      browser: known?.browser,
      isSettingUp: current.secondFactorSince === null,
      data: sessionData(undefined),
    });
    const family = pendingLogin.idHash;
    const accepted = { type: "password-accepted", ...about, accountId: current.id, family } as const;
    if (!known) await recordUnfinished(auth, store, pendingLogin.idHash, accepted);
    await record(accepted);
    await reserved.attempt.clear(store);
    return { outcome: "password-accepted", pendingLogin };
  });
}

const BY_TRUSTED_DEVICE = "password trusted-device";

/** Opens a session if the browser's token stands for the second factor. A locked account needs the operator first. */
async function signInTrusted(
  auth: AuthContext,
  store: Store,
  account: Account,
  client: Client,
  sessionData: MakeSessionData<SignInSummary>,
) {
  // Most browsers hold no token: then nothing is looked up.
  if (!holdsToken(auth, account.id, client)) return undefined;
  if ((await isLockedOut(store, account.id)) || !(await useTrustedDevice(auth, store, account.id, client)))
    return undefined;
  const summary = await recordSignIn(auth, store, account);
  const session = await openSession(auth, store, {
    kind: "session",
    accountId: account.id,
    methods: BY_TRUSTED_DEVICE,
    next: undefined,
    client,
    data: sessionData(summary),
  });
  return { outcome: "signed-in", session, summary } as const;
}

/** Looks the account up by the typed name. Only for use right before a hash, which costs the same with and without an account. */
async function accountFor(auth: AuthContext, typed: string, client: Client): Promise<Account | undefined> {
  const username = parseUsername(typed);
  const account = username === undefined ? undefined : await auth.store.accounts.byUsername(username);
  return account && isOpenTo(account, client) ? account : undefined;
}
