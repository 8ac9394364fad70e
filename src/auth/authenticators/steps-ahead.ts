/**
 * Last accepted steps that lie in the future, from when the server's clock ran ahead: counted, and reset.
 * Tests: test/security/clock-ahead.test.ts, test/storage/store.test.ts
 */
import { timeStep } from "../../otp/index.js";
import type { AuthContext } from "../context.js";
import { WINDOW } from "../policy.js";
import type { Store } from "../store.js";

/** The last time step that may be accepted now, by the server's clock. */
function edgeOf(auth: AuthContext) {
  return { edge: timeStep(auth.clock() / 1000) + WINDOW, followsDrift: auth.policy.resync };
}

/**
 * After the server's clock ran ahead and was corrected, last steps that were accepted meanwhile lie in the future, and every code
 * before them is refused. Resets those of an account to the end of the present window, and leaves all others. Codes that may have
 * been accepted meanwhile stay spent (RFC 6238 §5.2): from the step of the first history line in the future on. The caller holds
 * the account's lock.
 * @returns how many were reset
 */
export async function liftStepsAhead(auth: AuthContext, store: Store, accountId: string): Promise<number> {
  const first = await store.history.firstAfter(accountId, auth.clock());
  const from = first === undefined ? undefined : timeStep(first / 1000) - WINDOW;
  return store.authenticators.liftAhead(accountId, { ...edgeOf(auth), from });
}

/** In time steps. The clocks of several nodes may differ by a minute, so that much ahead is not reported. */
const NODES_APART = 2;

export interface StepsAhead {
  authenticators: number;
  /** Of their accounts, sorted. */
  usernames: string[];
  /** Whether there are more names than these. */
  more: boolean;
}

const NAMES_SHOWN = 20;

/** How many authenticators refuse every code because a clock ran ahead. @throws StoreUnavailable */
export async function stepsAhead(auth: AuthContext): Promise<StepsAhead> {
  const { edge, followsDrift } = edgeOf(auth);
  const ahead = { edge: edge + NODES_APART, followsDrift };
  const { authenticators, usernames } = await auth.store.authenticators.countAhead(ahead, NAMES_SHOWN + 1);
  const more = usernames.length > NAMES_SHOWN;
  return { authenticators, usernames: usernames.slice(0, NAMES_SHOWN), more };
}
