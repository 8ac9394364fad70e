/**
 * Reports the command line's events from a running server: each is logged and counted once, by one node of several.
 * Tests: test/cli/operator-events.test.ts
 */

import { inBatches } from "../batches.js";
import type { AuthContext } from "../context.js";
import type { SecurityEvent } from "../events.js";
import { EVENT_CLAIM_MS, REPORT_BATCH } from "../policy.js";
import type { RecordedEvent } from "../store.js";

/**
 * Reports all waiting events, oldest first. If a node is killed between claim and report, the event can be claimed again after a
 * minute; if it is killed just after the report, the event is reported twice. @throws StoreUnavailable
 */
export async function reportOperatorEvents({ store, clock, report }: AuthContext): Promise<void> {
  await inBatches(async () => {
    const ids = await store.events.claimable(clock(), EVENT_CLAIM_MS, REPORT_BATCH);
    for (const id of ids) {
      const recorded = await store.events.claim(id, clock(), EVENT_CLAIM_MS);
      // Another node was quicker.
      if (!recorded) continue;
      report(eventOf(recorded));
      await store.events.reported(id, clock());
    }
    return ids.length < REPORT_BATCH;
  });
}

/** The event as a server would have reported it at once. A newer version may have written a type that this one does not know. */
function eventOf(recorded: RecordedEvent): SecurityEvent {
  const { id, type, accountId, username, reason, subject, byKind, byName } = recorded;
  const about = {
    ...(accountId !== null && { accountId }),
    ...(username !== null && { username }),
    ...(reason !== null && { reason }),
    ...(subject !== null && { subject }),
  };
  const by = { kind: byKind, ...(byName !== null && { name: byName }) };
  return { id, type, ...about, by, at: new Date(recorded.at) } as SecurityEvent;
}
