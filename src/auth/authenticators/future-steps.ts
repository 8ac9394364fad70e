/**
 * Last accepted steps that lie in the future, from when the server's clock ran ahead: counted, and reset.
 * Tests: test/security/clock-ahead.test.ts, test/storage/store.test.ts
 */
import { timeStep } from "../../otp/index.js";
import type { AuthContext } from "../context.js";
import { WINDOW_STEPS } from "../policy.js";
import type { Store } from "../store.js";

/** The last time step that may be accepted now, by the server's clock. */
function limitNow(auth: AuthContext) {
  return { latest: timeStep(auth.clock() / 1000) + WINDOW_STEPS, followsDrift: auth.policy.resync };
}

/**
 * After the server's clock ran ahead and was corrected, last steps that were accepted meanwhile lie in the future, and every code
 * before them is refused. Resets those of an account to the end of the present window, and leaves all others. Codes that may have
 * been accepted meanwhile stay spent (RFC 6238 §5.2): from the step of the first history line in the future on. The caller holds
 * the account's lock.
 * @returns how many were reset
 */
export async function resetFutureSteps(auth: AuthContext, store: Store, accountId: string): Promise<number> {
  const first = await store.history.firstAfter(accountId, auth.clock());
  const from = first === undefined ? undefined : timeStep(first / 1000) - WINDOW_STEPS;
  return store.authenticators.resetFuture(accountId, { ...limitNow(auth), from });
}

/** In time steps. The clocks of several nodes may differ by a minute, so that much ahead is not reported. */
const NODES_APART = 2;

export interface FutureSteps {
  authenticators: number;
  /** Of their accounts, sorted. */
  usernames: string[];
  /** Whether there are more names than these. */
  more: boolean;
}

const NAMES_SHOWN = 20;

/** How many authenticators refuse every code because a clock ran ahead. @throws StoreUnavailable */
export async function futureSteps(auth: AuthContext): Promise<FutureSteps> {
  const { latest, followsDrift } = limitNow(auth);
  const ahead = { latest: latest + NODES_APART, followsDrift };
  const { authenticators, usernames } = await auth.store.authenticators.countFuture(ahead, NAMES_SHOWN + 1);
  const more = usernames.length > NAMES_SHOWN;
  return { authenticators, usernames: usernames.slice(0, NAMES_SHOWN), more };
}
