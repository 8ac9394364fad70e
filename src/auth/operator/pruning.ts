/** Pruning: what has expired is removed in small steps, so that no request waits for it. */

import { inSteps } from "../batches.js";
import { pruneDrifts } from "../clock/server-clock.js";
import type { AuthContext } from "../context.js";
import { EVENT_RETENTION, KEEP_ENROLMENTS, KEEP_EXPIRED, KEEP_HISTORY, PRUNE_AT_ONCE } from "../policy.js";

/** Removes what has expired, a few rows at a time. An hour is kept for nodes whose clocks are behind. @throws StoreUnavailable */
export async function prune({ store, clock }: AuthContext): Promise<void> {
  const now = clock();
  await pruneDrifts({ store, clock });
  await untilFew(() => store.enrolments.prune(now, now - KEEP_ENROLMENTS, PRUNE_AT_ONCE));
  await untilFew(() => store.sessions.prune(now - KEEP_EXPIRED, PRUNE_AT_ONCE));
  await untilFew(() => store.trustedDevices.prune(now - KEEP_EXPIRED, PRUNE_AT_ONCE));
  await untilFew(() => store.history.prune(now - KEEP_HISTORY, PRUNE_AT_ONCE));
  await untilFew(() => store.events.prune(now - EVENT_RETENTION, PRUNE_AT_ONCE));
  await untilFew(() => store.throttle.prune(now - KEEP_EXPIRED, PRUNE_AT_ONCE));
}

function untilFew(removeSome: () => Promise<number>): Promise<void> {
  return inSteps(async () => (await removeSome()) < PRUNE_AT_ONCE);
}
