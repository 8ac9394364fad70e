/**
 * The deadline of a request's database work: how long its statements may wait, the same for both engines.
 * Tests: test/security/faults.test.ts, test/security/postgres-faults.test.ts
 */
import { AsyncLocalStorage } from "node:async_hooks";

/** How long one statement may wait (ms). Together with the rest of a request, the answer is sent within two seconds. */
export const DEADLINE_MS = 1_500;

/** All statements of a request together may wait this many times as long as one. */
const TOTAL_FACTOR = 1.2;

const deadlines = new AsyncLocalStorage<{ endsAt: number; statementMs: number }>();

/**
 * Runs `work` with a deadline, which holds for everything that it starts (by AsyncLocalStorage): each statement waits at most
 * `statementMs`, and none waits beyond 1.2 times that, counted from now.
 */
export function withDeadline<T>(statementMs: number, work: () => T): T {
  return deadlines.run({ endsAt: performance.now() + statementMs * TOTAL_FACTOR, statementMs }, work);
}

/** How long (ms, at least 1) the next statement may wait; `withoutDeadline` outside of `withDeadline`. */
export function timeLeft(withoutDeadline: number): number {
  const deadline = deadlines.getStore();
  if (deadline === undefined) return withoutDeadline;
  return Math.max(Math.min(deadline.endsAt - performance.now(), deadline.statementMs), 1);
}

/** Moves this request's deadline on by so many ms: it is about the storage, and something else took them. */
export function extendDeadline(ms: number): void {
  const deadline = deadlines.getStore();
  if (deadline !== undefined) deadline.endsAt += ms;
}
