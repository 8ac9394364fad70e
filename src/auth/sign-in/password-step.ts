/**
 * The first step: a password opens a pending login, or, in a trusted browser, a session.
 * Tests: test/web/pages/login.test.ts, test/security/guessing-passwords.test.ts, test/security/enumeration.test.ts
 */
import { type AuthContext, aboutOf, type Client } from "../context.js";
import { isSamePassword, normalisePassword } from "../passwords/password.js";
import { parseUsername } from "../passwords/username.js";
import type { MakeSessionData } from "../sessions/sessions.js";
import type { Account } from "../store.js";
import { findKnownBrowser, isOpenTo } from "../throttle/known-browsers.js";
import { reservePasswordAttempt } from "../throttle/password-attempts.js";
import { inTransaction } from "../transaction.js";
import { type Credentials, passFirstFactor, type StartLogin } from "./first-factor.js";
import { startLoginByHost } from "./host-step.js";
import type { SignInSummary } from "./summary.js";

/**
 * Checks a password and opens a pending login, or, on a trusted device, a session.
 * @param sessionData is given the summary for a session, and undefined for a pending login
 * @throws Overloaded, StoreUnavailable, and HostUnavailable where a host app checks passwords
 */
export async function startLogin(
  auth: AuthContext,
  credentials: Credentials,
  client: Client,
  sessionData: MakeSessionData<SignInSummary | undefined> = () => "",
): Promise<StartLogin> {
  if (auth.users) return startLoginByHost(auth, auth.users, credentials, client, sessionData);
  const password = normalisePassword(credentials.password);
  // Too long to be anyone's password: nothing to check or count, and no row is written.
  if (password === undefined) {
    auth.report({ type: "password-refused", ...aboutOf(undefined, client) });
    return { outcome: "refused" };
  }
  const known = await findKnownBrowser(auth, { typed: credentials.username }, client);
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
    const opened = await passFirstFactor({ auth, store, record }, current, {
      method: "password",
      next: credentials.next,
      client,
      browser: known?.browser,
      sessionData,
    });
    await reserved.attempt.clear(store);
    return opened;
  });
}

/** Looks the account up by the typed name. Only for use right before a hash, which costs the same with and without an account. */
async function accountFor(auth: AuthContext, typed: string, client: Client): Promise<Account | undefined> {
  const username = parseUsername(typed);
  const account = username === undefined ? undefined : await auth.store.accounts.byUsername(username);
  return account && isOpenTo(account, client) ? account : undefined;
}
