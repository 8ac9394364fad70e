/** Stopping so that nobody notices: others are told first, what is in flight ends, and in ten seconds it is over. */
import type { Server } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

/** In all; who runs containers is often no more patient, and kills then. */
const STOP_WITHIN_MS = 10_000;

/** Of that, until requests are cut off: the rest is for the database, whose locks may be waited for. */
const LAST_REQUESTS_MS = 8_000;

/** A Ctrl-C may come twice: from the terminal and, passed on, from npm. */
const SAME_SIGNAL_MS = 300;

/** Runs `stop` on the first SIGTERM or SIGINT, then ends the process with 0; a second signal ends it at once. */
export function onStopSignal(stop: () => Promise<void>): void {
  let since: number | undefined;
  const stopOnce = async () => {
    if (since !== undefined) {
      if (performance.now() - since > SAME_SIGNAL_MS) process.exit(1);
      return;
    }
    since = performance.now();
    await Promise.race([stop(), delay(STOP_WITHIN_MS)]);
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, stopOnce);
}

/**
 * Resolves when the last connection is closed.
 * @param notice how long (ms) it still serves whoever has not heard yet that this server stops
 */
export async function closeServer(server: Server, notice: number): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), LAST_REQUESTS_MS);
  await delay(notice);
  // A connection that is busy now would be kept open for its next request.
  server.keepAliveTimeout = 1;
  await new Promise((resolve) => server.close(resolve));
  clearTimeout(cut);
}
