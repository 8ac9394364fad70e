/** What every change of the password or the second factor brings with it: whoever else was inside is out, on the spot. */
import type { AuthContext, Client } from "./context.js";
import { browserToken } from "./known-browsers.js";
import type { Session } from "./sessions.js";
import type { Store } from "./store.js";

/**
 * Ends the account's other sessions and pending logins and forgets its trusted devices; with the epoch raised, known
 * browsers are forgotten too (ASVS 5.0 7.4.3). Call it in the transaction of the change, which holds the account.
 * @returns the device cookie with which this browser alone stays known
 */
export async function endAllElse(
  auth: AuthContext,
  store: Store,
  session: Session,
  epoch: number,
  client: Client,
): Promise<string> {
  await store.sessions.endAll(session.accountId, auth.clock(), session.idHash);
  await store.trustedDevices.forgetAll(session.accountId);
  return browserToken(auth, { id: session.accountId, epoch }, client);
}
