/**
 * Changes that a session makes to its account: in one transaction, while the session lives, and after a step-up where the change
 * is sensitive.
 * Tests: test/security/step-up.test.ts, test/security/logout-race.test.ts
 */
import type { AuthContext } from "../context.js";
import { onAccount, type Work, type WorkOnAccount } from "../transaction.js";
import { type Session, steppedUpSince } from "./sessions.js";

/** Runs `work` while the account is open and the session lives, else answers `expired`. */
export function inSession<T>(
  auth: AuthContext,
  session: Session,
  expired: T,
  work: WorkOnAccount<T>,
): Promise<T> {
  return onAccount(auth, session.accountId, expired, async (on) => {
    const isOpen = on.account.disabledAt === null;
    return isOpen && (await on.store.sessions.isLive(session.idHash, on.auth.clock())) ? work(on) : expired;
  });
}

/**
 * The same for a sensitive change: both factors must have been proved within STEP_UP (NIST SP 800-63B-4 §2.2.3, ASVS 5.0 7.5.1).
 */
export function inSteppedUpSession<T>(
  auth: AuthContext,
  session: Session,
  confirmAgain: T,
  work: WorkOnAccount<T>,
): Promise<T> {
  return onAccount(auth, session.accountId, confirmAgain, async (on) => {
    const isOpen = on.account.disabledAt === null;
    return isOpen && (await isSteppedUp(on, session)) ? work(on) : confirmAgain;
  });
}

/** Whether the session lives and has a recent step-up, by its row as it is now. */
export function isSteppedUp(
  { auth, store }: Pick<Work, "auth" | "store">,
  session: Session,
): Promise<boolean> {
  const now = auth.clock();
  return store.sessions.isLive(session.idHash, now, steppedUpSince(auth, now));
}
