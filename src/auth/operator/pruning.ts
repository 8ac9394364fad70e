/**
 * Pruning: removes expired rows in small batches, so that no request waits. background-jobs.ts calls it every minute.
 * Tests: test/storage/growth.test.ts, test/security/piled-up.test.ts
 */

import { inBatches } from "../batches.js";
import { pruneDrifts } from "../clock/server-clock.js";
import type { AuthContext } from "../context.js";
import {
  ENROLMENT_RETENTION,
  EVENT_RETENTION,
  EXPIRED_RETENTION,
  HISTORY_RETENTION,
  LINK_RETENTION,
  PRUNE_BATCH,
} from "../policy.js";

/** Removes expired rows in batches. They stay an hour longer, for nodes whose clocks are behind; recovery codes on show do not. @throws StoreUnavailable */
export async function prune({ store, clock }: AuthContext): Promise<void> {
  const now = clock();
  await pruneDrifts({ store, clock });
  await untilFew(() => store.enrolments.prune(now, now - ENROLMENT_RETENTION, PRUNE_BATCH));
  await untilFew(() => store.recoveryCodes.pruneShown(now, PRUNE_BATCH));
  await untilFew(() => store.sessions.prune(now - EXPIRED_RETENTION, PRUNE_BATCH));
  await untilFew(() => store.trustedDevices.prune(now - EXPIRED_RETENTION, PRUNE_BATCH));
  await untilFew(() => store.links.prune(now - LINK_RETENTION, PRUNE_BATCH));
  await untilFew(() => store.history.prune(now - HISTORY_RETENTION, PRUNE_BATCH));
  await untilFew(() => store.events.prune(now - EVENT_RETENTION, PRUNE_BATCH));
  await untilFew(() => store.throttle.prune(now - EXPIRED_RETENTION, PRUNE_BATCH));
}

function untilFew(removeSome: () => Promise<number>): Promise<void> {
  return inBatches(async () => (await removeSome()) < PRUNE_BATCH);
}
