/** What every change of the password or the second factor brings with it: whoever else was inside is out, on the spot. */
import type { AuthContext, Client } from "../context.js";
import type { Store } from "../store.js";
import { browserToken } from "../throttle/known-browsers.js";
import { forgetBrowsers } from "../throttle/throttle.js";
import type { Session } from "./sessions.js";

/**
 * Ends the account's sessions and pending logins, all or all but one, and forgets its trusted devices and known browsers
 * (ASVS 5.0 7.4.3). Call it in the transaction of the change, which has locked the account.
 */
export async function endAllElse(
  auth: AuthContext,
  store: Store,
  accountId: string,
  keep?: Session,
): Promise<{ epoch: number }> {
  await store.sessions.endAll(accountId, auth.clock(), keep?.idHash);
  await store.trustedDevices.forgetAll(accountId);
  await forgetBrowsers(store, accountId);
  return { epoch: await store.accounts.raiseEpoch(accountId) };
}

/** The same after a change made in a session. @returns the device cookie with which its browser alone stays known */
export async function endAllOthers(
  auth: AuthContext,
  store: Store,
  session: Session,
  client: Client,
): Promise<string> {
  const { epoch } = await endAllElse(auth, store, session.accountId, session);
  return browserToken(auth, { id: session.accountId, epoch }, client);
}
