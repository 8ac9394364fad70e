/**
 * Background jobs of a running server: pruning, flushing clock drifts and reporting the operator's events; and the warm-up.
 * Tests: test/auth/clock/drifts-at-shutdown.test.ts, test/storage/growth.test.ts, test/cli/operator-events.test.ts
 */
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { Auth } from "./auth/index.js";

/** How often the jobs run, and how long shutdown waits for each of them. */
const MAINTENANCE_INTERVAL_MS = 60_000;
const MAINTENANCE_STOP_MS = 500;

/** Soon after the start, before anyone can have signed in and changed a password. */
const WARM_UP_AFTER_MS = 2_000;

/**
 * Runs the background jobs every minute: reports the operator's events, flushes the clock drifts, prunes expired rows. On
 * shutdown it flushes once more. A failure in reporting or flushing does not stop the other jobs.
 */
export function startMaintenance(auth: Auth, log: Logger) {
  let stopped = false;
  // Set once shutdown has flushed for the last time.
  let isFlushed = false;
  const flushDrifts = () =>
    auth.flushDrifts().catch((err) => {
      // If a shutdown interrupts it, only a statistic is lost, which is no error.
      if (!isFlushed) log.error({ err }, "the clock drifts of the last minute are lost");
    });
  const reportEvents = () =>
    auth.reportOperatorEvents().catch((err) => {
      if (!stopped) log.error({ err }, "the operator's events could not be reported; trying again later");
    });
  // Runs at once, for events from when no server ran: a turn later, so that a host app can add its listeners.
  let running = nextTurn().then(reportEvents);
  const timer = setInterval(() => {
    running = running
      .then(reportEvents)
      .then(flushDrifts)
      .then(() => auth.prune())
      .catch((err) => {
        // During shutdown the database may be closed half way, which is no failure.
        if (!stopped) log.error({ err }, "pruning failed; it is tried again");
      });
  }, MAINTENANCE_INTERVAL_MS).unref();
  return {
    async stop() {
      stopped = true;
      clearInterval(timer);
      // A job that is still running may stop half way; the next start continues it.
      await Promise.race([running, sleep(MAINTENANCE_STOP_MS, undefined, { ref: false })]);
      await Promise.race([flushDrifts(), sleep(MAINTENANCE_STOP_MS, undefined, { ref: false })]);
      isFlushed = true;
    },
  };
}

/** Loads in advance what the first requests would otherwise wait for, and retries after a failure. */
export function startWarmUp(parts: (() => Promise<void>)[], log: Logger) {
  let stopped = false;
  let timer: NodeJS.Timeout;
  const warmUp = async () => {
    try {
      for (const part of parts) if (!stopped) await part();
    } catch (err) {
      if (stopped) return;
      log.warn({ err }, "what the first requests need could not be loaded; trying again later");
      later(MAINTENANCE_INTERVAL_MS);
    }
  };
  const later = (ms: number) => {
    timer = setTimeout(warmUp, ms).unref();
  };
  later(WARM_UP_AFTER_MS);
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
