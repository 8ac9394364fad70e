/** Work on very many rows, in steps that are so short and so far apart that no request waits for it. */
import { setTimeout as rest } from "node:timers/promises";

/**
 * Does one step after the other until one says that it was the last. After each it rests for as long as that took: the
 * embedded database works on the very thread that answers requests, and half of that stays theirs.
 */
export async function inBatches(step: () => Promise<boolean>): Promise<void> {
  for (;;) {
    const began = performance.now();
    if (await step()) return;
    await rest(performance.now() - began);
  }
}
