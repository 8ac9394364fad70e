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

/**
 * The same for a loop that is over when its input is: the function that it returns is awaited after each round, and rests once the
 * rounds took 10 ms. Where most of them was waiting, it rests no longer than 20 ms.
 */
export function createPace(): () => Promise<void> {
  let began = performance.now();
  return async () => {
    const took = performance.now() - began;
    if (took < STRETCH_MS) return;
    await sleep(Math.min(took, MAX_REST_MS));
    began = performance.now();
  };
}

const STRETCH_MS = 10;
const MAX_REST_MS = 20;
