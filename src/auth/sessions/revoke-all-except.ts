/**
 * Revokes everything else of an account at once, as every change of the password or the second factor does.
 * Tests: test/security/factor-change.test.ts, test/security/factor-change-in-flight.test.ts
 */
import type { AuthContext, Client } from "../context.js";
import type { Store } from "../store.js";
import { knownBrowserCookie } from "../throttle/known-browsers.js";
import { clearBrowserFailures } from "../throttle/lockout.js";
import type { Session } from "./sessions.js";

/**
 * Ends the account's sessions and pending logins, all or all but one, and its one-time links, and forgets its trusted devices and
 * known browsers (ASVS 5.0 7.4.3). Call it in the transaction of the change, which has locked the account.
 */
export async function revokeAllExcept(
  auth: AuthContext,
  store: Store,
  accountId: string,
  survivor?: Session,
): Promise<{ credentialVersion: number }> {
  await store.links.endAll(accountId, auth.clock());
  return revokeSignIns(auth, store, accountId, survivor);
}

/** The same without the links: signing somebody out leaves an invitation as it is. */
export async function revokeSignIns(
  auth: AuthContext,
  store: Store,
  accountId: string,
  survivor?: Session,
): Promise<{ credentialVersion: number }> {
  await store.sessions.revokeAllExcept(accountId, auth.clock(), survivor?.idHash);
  await store.trustedDevices.forgetAll(accountId);
  await clearBrowserFailures(store, accountId);
  return { credentialVersion: await store.accounts.raiseCredentialVersion(accountId) };
}

/** The same after a change made in a session. @returns the device cookie with which its browser alone stays known */
export async function revokeAllButThis(
  auth: AuthContext,
  store: Store,
  session: Session,
  client: Client,
): Promise<string> {
  const { credentialVersion } = await revokeAllExcept(auth, store, session.accountId, session);
  return knownBrowserCookie(auth, { id: session.accountId, credentialVersion }, client, session.loginName);
}
