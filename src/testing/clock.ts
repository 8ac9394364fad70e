/** A clock that tests move forward. It runs on by itself, so that what happens in a test has a length. Tests: test/testing/clock.test.ts */
import { shown } from "../config/options.js";
import { durationOf } from "../config/parsers.js";

export interface TestClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Moves the clock on at once, by a duration (`5m`; s, m, h or d) or by whole milliseconds. @throws Error for anything else */
  advance(by: string | number): void;
}

/** Read once, here: a test runner's own fake timers replace Date, and would stop this clock. */
const systemTime = Date.now;

export function createClock(): TestClock {
  let ahead = 0;
  return {
    now: () => systemTime() + ahead,
    advance(by) {
      ahead += millisecondsOf(by);
    },
  };
}

function millisecondsOf(by: unknown): number {
  const milliseconds = typeof by === "string" ? durationOf(by) : by;
  if (typeof milliseconds === "number" && milliseconds >= 0 && milliseconds <= MAX_MS) {
    if (Number.isInteger(milliseconds)) return milliseconds;
  }
  throw new Error(
    `clock.advance takes a duration, for example "5m", or whole milliseconds from 0, not ${shown(by)}.`,
  );
}

/** A thousand years: beyond some dates there are none. */
const MAX_MS = 1_000 * 365 * 86_400_000;
