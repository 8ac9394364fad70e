/**
 * Records right passwords without a second step. The password may have leaked, so the owner sees this in the history and at the
 * next sign-in.
 * Tests: test/security/unfinished-logins.test.ts
 */
import type { AuthContext } from "../context.js";
import type { SecurityEvent, SecurityEventType } from "../events.js";
import { MAX_HISTORY, MAX_UNFINISHED, TRIM_BATCH, UNFINISHED_INTERVAL } from "../policy.js";
import type { PendingLogin } from "../sessions/sessions.js";
import type { Store } from "../store.js";
import { entryOf } from "../transaction.js";

/** The event type of a right password without a second step; the line is removed when the second step is done. */
export const UNFINISHED = "password-accepted" satisfies SecurityEventType;

/**
 * Adds a history line for a pending login of an unknown browser: one an hour for each browser and twenty in all, or someone who
 * has only the password could flush the history. Call it in the transaction that has locked the account.
 * @param loginHash becomes the line's id, by which it is removed when the second step is done
 */
export async function recordUnfinished(
  auth: AuthContext,
  store: Store,
  loginHash: string,
  event: Extract<SecurityEvent, { type: "password-accepted" }> & { accountId: string },
): Promise<void> {
  const entry = entryOf(auth, event);
  const { all, fromBrowser } = await store.history.countFrom(
    event.accountId,
    UNFINISHED,
    entry.at - UNFINISHED_INTERVAL,
    entry,
  );
  if (fromBrowser > 0 || all >= MAX_UNFINISHED) return;
  await store.history.add({ ...entry, id: loginHash, accountId: event.accountId });
  // Nothing else of this transaction is a line of the history, so nothing else would trim it.
  await store.history.trim(event.accountId, MAX_HISTORY, TRIM_BATCH);
}

/** Removes the line, when the second step of this login is done. */
export async function forgetUnfinished(store: Store, login: PendingLogin): Promise<void> {
  // A known browser's login has no line.
  if (login.browser === undefined) await store.history.remove(login.accountId, login.idHash);
}
