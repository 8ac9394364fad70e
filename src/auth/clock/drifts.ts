/**
 * Drifts: how far authenticators' clocks are from the server's. Held in memory until they are flushed to the storage.
 * Tests: test/auth/clock/server-clock.test.ts, test/auth/clock/drifts-at-shutdown.test.ts
 */

/** How far one authenticator's clock seemed to be ahead of the server's (negative: behind). */
interface Note {
  accountId: string;
  seconds: number;
}

export interface Drifts {
  /**
   * Notes a code whose time step is known, accepted or not: `step × 30 + 15 − the server's Unix time`. An account counts once until
   * the notes are taken. Notes beyond a thousand are dropped: this is a statistic.
   */
  note(accountId: string, seconds: number): void;
  /** Returns the drifts and starts empty. */
  take(): Note[];
}

const MAX_DRIFTS = 1_000;

/**
 * Nothing is written while a request is answered: the time of a write would tell a code of a future step from a wrong one.
 */
export function createDrifts(): Drifts {
  let noted = new Map<string, number>();
  return {
    note(accountId, seconds) {
      if (noted.size < MAX_DRIFTS && !noted.has(accountId)) noted.set(accountId, seconds);
    },
    take() {
      const notes = [...noted].map(([accountId, seconds]) => ({ accountId, seconds }));
      noted = new Map();
      return notes;
    },
  };
}
