/** `/metrics` for Prometheus: security events counted, and the server's clock judged; to this machine alone. */
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Auth, Report } from "./auth/index.js";

/** Prometheus runs on the same machine, or reaches it through something that asks who is there. */
const HOST = "127.0.0.1";

/** The count of accounts is told in steps of this. */
const STEP = 10;

export interface Metrics {
  /** Counts a security event. */
  count: Report;
  /** Begins to serve. The server keeps no process alive by itself. @throws Error when the port cannot be had */
  serve(auth: Pick<Auth, "serverClock">): Promise<Server>;
}

/** The metrics of one server, not served yet: what happens while it starts is counted, too. */
export function createMetrics(port: number): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const events = new Counter({
    name: "latchkey_security_events_total",
    help: "What happened, by type and reason, since the server started.",
    labelNames: ["type", "reason"],
    registers,
  });
  // No buckets of the drifts, and no exact count: with a guess at hand, one more would tell that it fits a time to come.
  const offset = new Gauge({
    name: "latchkey_server_clock_offset_seconds",
    help: "How far the server's clock is ahead of the authenticators'; absent while too few accounts have signed in.",
    registers,
  });
  const accounts = new Gauge({
    name: "latchkey_server_clock_accounts",
    help: `By how many accounts the server's clock is judged, in steps of ${STEP}; 0 while they are too few.`,
    registers,
  });

  async function page(auth: Pick<Auth, "serverClock">): Promise<string> {
    // While the database cannot be read, the rest is wanted the more.
    const clock = await auth.serverClock().catch(() => undefined);
    offset.remove();
    accounts.remove();
    if (clock?.verdict === "too-few") accounts.set(0);
    else if (clock) {
      accounts.set(Math.floor(clock.accounts / STEP) * STEP);
      offset.set(clock.seconds);
    }
    return registry.metrics();
  }

  return {
    count(event) {
      // Both are closed lists. The subject is what people have typed: it must never become a label.
      events.inc({ type: event.type, reason: "reason" in event ? event.reason : "" });
    },
    async serve(auth) {
      const server = createServer(async (req, res) => {
        const [path] = (req.url ?? "").split("?");
        if (path !== "/metrics") return answer(res, 404, "Only /metrics is served here.\n");
        if (req.method !== "GET" && req.method !== "HEAD") {
          res.setHeader("allow", "GET, HEAD");
          return answer(res, 405, "/metrics is only read.\n");
        }
        // Whatever a collector may throw, the sign-in goes on.
        const text = await page(auth).catch(() => undefined);
        if (text === undefined) return answer(res, 503, "The metrics cannot be read now.\n");
        res.setHeader("content-type", registry.contentType);
        answer(res, 200, text);
      });
      server.unref();
      try {
        await once(server.listen(port, HOST), "listening");
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`METRICS_PORT cannot be used: ${reason}.`, { cause });
      }
      return server;
    },
  };
}

function answer(res: ServerResponse, status: number, text: string): void {
  if (!res.hasHeader("content-type")) res.setHeader("content-type", "text/plain; charset=utf-8");
  res.writeHead(status).end(text);
}
