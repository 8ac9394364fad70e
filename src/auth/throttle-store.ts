/** The part of the storage that counts attempts; see store.ts. All times are Unix milliseconds. Tests: test/storage/store.test.ts */
import type { Counted, ThrottleRule } from "./records.js";

/** Pools of an account carry its id. Second-factor pools have names that begin with `second-factor`. */
export interface ThrottleStore {
  /** Counts one attempt, before it is evaluated, unless a delay runs: one statement, so that races count exactly. */
  count(pool: string, rule: ThrottleRule, now: number, accountId?: string): Promise<Counted>;
  /** Takes one count back from the window in which it was counted: the attempt was right, or was never evaluated. */
  refund(pool: string, since: number): Promise<void>;
  clear(pool: string): Promise<void>;
  /** Gives the pool `to` the count and the delay of `from`, or none where that has none. */
  copy(from: string, to: string): Promise<void>;
  /** When the longest delay that runs in any of these ends; undefined when none runs. */
  delayedUntil(pools: readonly string[], now: number): Promise<number | undefined>;
  /** The standing failures of an account in all its second-factor pools. */
  secondFactorFailures(accountId: string): Promise<number>;
  /** The same, and the end of the delay in this pool, past or future; 0 if there was none. */
  secondFactorState(accountId: string, pool: string): Promise<{ failures: number; delayedUntil: number }>;
  /** Clears every pool of the account, except `keepPool`. */
  clearAccount(accountId: string, keepPool?: string): Promise<void>;
  /** Removes at most `limit` pools whose window has passed; returns how many. */
  prune(now: number, limit: number): Promise<number>;
}
