/** How long the storage may keep somebody waiting: one rule for both engines. */
import { AsyncLocalStorage } from "node:async_hooks";

/** One statement. With what else a request does, the answer is there within two seconds. */
export const DEADLINE_MS = 1_500;

/** All statements of a request, which may have waited elsewhere before, as parts of that. */
const IN_ALL = 1.2;

const deadlines = new AsyncLocalStorage<{ until: number; patience: number }>();

/**
 * Runs work that somebody waits for: each of its statements, and of all that it starts, waits `patience` ms at most, and
 * all of them no longer than a fifth more from now on.
 */
export function withDeadline<T>(patience: number, work: () => T): T {
  return deadlines.run({ until: performance.now() + patience * IN_ALL, patience }, work);
}

/** How long (ms, at least 1) the next statement may wait; without a deadline, `otherwise`. */
export function timeLeft(otherwise: number): number {
  const deadline = deadlines.getStore();
  if (deadline === undefined) return otherwise;
  return Math.max(Math.min(deadline.until - performance.now(), deadline.patience), 1);
}
