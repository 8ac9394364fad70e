/** How long the storage may keep somebody waiting: all statements of one request share one deadline. */
import { AsyncLocalStorage } from "node:async_hooks";

/** With what else a request does, the answer is there within two seconds. */
const PATIENCE_MS = 1_500;

const deadlines = new AsyncLocalStorage<number>();

/** Runs work that somebody waits for: its statements, and those of all that it starts, wait no longer than this together. */
export function withDeadline<T>(work: () => T): T {
  return deadlines.run(performance.now() + PATIENCE_MS, work);
}

/** How long (ms) the next statement may wait; without a deadline, at most `otherwise`. */
export function patience(otherwise: number): number {
  const deadline = deadlines.getStore();
  return deadline === undefined ? otherwise : Math.min(deadline - performance.now(), otherwise);
}
