/**
 * Work on many rows, in batches so short and so far apart that no request waits.
 * Tests: test/auth/clock/drifts-in-batches.test.ts, test/storage/growth.test.ts
 */
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Runs batches until one returns true, the last. After each, rests for as long as it took: the embedded database works on the
 * thread that answers requests, and requests keep half of that thread's time.
 */
export async function inBatches(step: () => Promise<boolean>): Promise<void> {
  for (;;) {
    const began = performance.now();
    if (await step()) return;
    await sleep(performance.now() - began);
  }
}
