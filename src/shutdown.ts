/**
 * Graceful shutdown within ten seconds: load balancers see it first (drain), running requests finish, then the process exits.
 * main.ts says what is stopped, in order.
 * Tests: test/main.test.ts, test/rolling-restart.test.ts
 */
import type { Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** The deadline of the whole shutdown: container runtimes often kill a process after ten seconds. */
const SHUTDOWN_DEADLINE_MS = 10_000;

/** After this part of it, open connections are cut; the rest is for closing the database, which may wait for locks. */
const REQUESTS_DEADLINE_MS = 8_000;

/** Signals within this time count as one: Ctrl-C may arrive twice, from the terminal and from npm, which forwards it. */
const SAME_SIGNAL_MS = 300;

/** Runs `stop` on the first SIGTERM or SIGINT, then exits with 0; a second signal exits with 1 at once. */
export function onStopSignal(stop: () => Promise<void>): void {
  let since: number | undefined;
  const stopOnce = async () => {
    if (since !== undefined) {
      if (performance.now() - since > SAME_SIGNAL_MS) process.exit(1);
      return;
    }
    since = performance.now();
    await Promise.race([stop(), sleep(SHUTDOWN_DEADLINE_MS)]);
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, stopOnce);
}

/**
 * Closes a server and resolves when its last connection is closed.
 * @param drainMs how long (ms) it still accepts new connections, until load balancers have noticed the shutdown
 */
export async function closeServer(server: Server, drainMs: number): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), REQUESTS_DEADLINE_MS);
  await sleep(drainMs);
  // Without this, a connection that is busy now would stay open after its response, for a next request.
  server.keepAliveTimeout = 1;
  await new Promise((resolve) => server.close(resolve));
  clearTimeout(cut);
}
