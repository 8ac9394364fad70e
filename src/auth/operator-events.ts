/** What the command line has recorded, reported by a server that runs: logged and counted once, by one node of several. */
import type { AuthContext } from "./context.js";
import type { SecurityEvent } from "./events.js";
import { EVENT_CLAIM_MS, REPORT_AT_ONCE } from "./policy.js";
import { inSteps } from "./steps.js";
import type { RecordedEvent } from "./store.js";

/**
 * Reports all that waits, the oldest first. A node that is killed between its claim and its report leaves the event to be
 * claimed again after a minute; one that is killed just after the report has it reported twice. @throws StoreUnavailable
 */
export async function reportOperatorEvents({ store, clock, report }: AuthContext): Promise<void> {
  await inSteps(async () => {
    const ids = await store.events.claimable(clock(), EVENT_CLAIM_MS, REPORT_AT_ONCE);
    for (const id of ids) {
      const recorded = await store.events.claim(id, clock(), EVENT_CLAIM_MS);
      // Another node was quicker.
      if (!recorded) continue;
      report(eventOf(recorded));
      await store.events.reported(id, clock());
    }
    return ids.length < REPORT_AT_ONCE;
  });
}

/** As it would have been reported at once. A newer version may have written what this one has no words for. */
function eventOf(recorded: RecordedEvent): SecurityEvent {
  const { type, accountId, username, reason, subject, byName } = recorded;
  const about = {
    ...(accountId !== null && { accountId }),
    ...(username !== null && { username }),
    ...(reason !== null && { reason }),
    ...(subject !== null && { subject }),
  };
  const by = { kind: "operator", ...(byName !== null && { name: byName }) };
  return { type, ...about, by, at: new Date(recorded.at) } as SecurityEvent;
}
