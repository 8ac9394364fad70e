/**
 * Judges the server's own clock by the clocks of all authenticators. If one phone is wrong, the others are not; if the median of
 * all phones moves away from zero, the server is wrong.
 */

import { inBatches } from "../batches.js";
import type { AuthContext } from "../context.js";
import type { DriftBin } from "../store.js";

/** An account counts once in each window, so that a wrong phone which signs in all day weighs no more than any other. */
const DRIFT_WINDOW_MS = 4 * 60 * 60_000;

/** A day: the current window and the five before it. */
const KEEP_WINDOWS = 6;

const BIN_SECONDS = 5;

/** The largest drift that a code can show: 20 steps of 30 s, and half a step. */
const MAX_DRIFT_SECONDS = 615;

/**
 * How old a code typically is when it arrives: reading, typing and sending make every phone look behind by that much. An
 * assumption: 3 to 20 s, mostly less than ten. Where people are slower, or password managers fill codes in at once, the error
 * stays within `tolerance`.
 */
const TYPING_SECONDS = 8;

/**
 * Fewer prove nothing. With 10 accounts it takes at least five badly wrong phones, all ahead or all behind, to move the median.
 * If 3 % of phones are that wrong, this happens in one window in millions.
 */
export const MIN_ACCOUNTS = 10;

/** `seconds`: how far the server is ahead of the phones, behind when negative; `since`: when the window judged began. */
export type ServerClock =
  | { verdict: "too-few"; accounts: number }
  | { verdict: "right" | "off"; seconds: number; accounts: number; since: Date };

/** A batch of writes ends after this time: with the embedded database no request is served meanwhile. */
const BATCH_MS = 3;

/** Flushes the notes to the storage. Notes that cannot be written are lost, which does no harm. @throws StoreUnavailable */
export async function flushDrifts({
  store,
  clock,
  drifts,
}: Pick<AuthContext, "store" | "clock" | "drifts">): Promise<void> {
  const window = windowAt(clock());
  const notes = drifts.take();
  await inBatches(async () => {
    const until = performance.now() + BATCH_MS;
    for (let note = notes.pop(); note; note = notes.pop()) {
      await store.drifts.note(note.accountId, window, binOf(note.seconds));
      if (performance.now() >= until) break;
    }
    return notes.length === 0;
  });
}

/** Removes windows older than a day, and those that a clock that ran ahead left in the future. */
export function pruneDrifts({ store, clock }: Pick<AuthContext, "store" | "clock">): Promise<void> {
  const now = windowAt(clock());
  return store.drifts.prune(oldestOf(now), now);
}

/**
 * Judges the server's clock by the newest window of the last day that has enough accounts. Older windows do not count: the clock
 * may have been set since. @throws StoreUnavailable
 */
export async function serverClock({ store, clock }: AuthContext): Promise<ServerClock> {
  const now = windowAt(clock());
  const bins = (await store.drifts.since(oldestOf(now))).filter(({ window }) => window <= now);
  let most = 0;
  for (let window = now; window >= oldestOf(now); window--) {
    const judged = judge(bins.filter((bin) => bin.window === window));
    if (judged.verdict !== "too-few") return { ...judged, since: new Date(window * DRIFT_WINDOW_MS) };
    most = Math.max(most, judged.accounts);
  }
  return { verdict: "too-few", accounts: most };
}

/** The verdict on one window: the median, without the time that typing takes. */
export function judge(bins: readonly Omit<DriftBin, "window">[]) {
  const accounts = bins.reduce((sum, bin) => sum + bin.accounts, 0);
  if (accounts < MIN_ACCOUNTS) return { verdict: "too-few", accounts } as const;
  const ahead = -(median(bins, accounts) + TYPING_SECONDS);
  const verdict = Math.abs(ahead) > tolerance(accounts) ? "off" : "right";
  // Rounding a little below zero gives -0, which reads like a finding.
  return { verdict, seconds: Math.round(ahead) || 0, accounts } as const;
}

/** The bin of a drift, by the multiple of its width where it begins. */
export function binOf(seconds: number): number {
  const within = Math.min(Math.max(seconds, -MAX_DRIFT_SECONDS), MAX_DRIFT_SECONDS - 1);
  return Math.floor(within / BIN_SECONDS);
}

/** The median of the drifts, assuming that they lie evenly within each bin. */
function median(bins: readonly Omit<DriftBin, "window">[], accounts: number): number {
  let before = 0;
  for (const bin of bins.toSorted((a, b) => a.bin - b.bin)) {
    if (before + bin.accounts >= accounts / 2) {
      return BIN_SECONDS * (bin.bin + (accounts / 2 - before) / bin.accounts);
    }
    before += bin.accounts;
  }
  throw new Error("No bin holds the middle.");
}

/**
 * How far (s) the median may be from zero while the server's clock is right. A code shows only its half minute, so the median of
 * few accounts varies: its standard deviation is about 14 s / √accounts, and 54 s is nearly four of them. Another 8 s allow for
 * people who type slower or faster than `TYPING_SECONDS`, however many there are. In all 25 s with 10 accounts, 16 s with 50, 12
 * s with 200.
 */
function tolerance(accounts: number): number {
  return 8 + 54 / Math.sqrt(accounts);
}

function windowAt(time: number): number {
  return Math.floor(time / DRIFT_WINDOW_MS);
}

function oldestOf(now: number): number {
  return now - KEEP_WINDOWS + 1;
}
