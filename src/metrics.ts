/** Serves `/metrics` for Prometheus, to this machine alone: security events, response times, sessions, clock offset, hash queue. */
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { type Auth, EVENTS, type HashLoad, type SecurityEvent } from "./auth/index.js";
import type { Answered } from "./web/http/request-log.js";

/** Loopback only: Prometheus runs on the same machine, or reaches it through a proxy that authenticates. */
const HOST = "127.0.0.1";

/** The number of accounts is rounded down to a multiple of this. */
const ACCOUNTS_ROUNDING = 10;

/** A count of sessions that takes less than this is not cached. Some hundred thousand sessions are counted within this time. */
const UNCACHED_MS = 250;

/** A slower count is cached for this many times as long as it took. */
const CACHE_FACTOR = 50;

/** The histogram's buckets in seconds: from an asset to a password hash that waited in the queue. */
const DURATION_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** The parts of auth/ that are read at each scrape. */
type ScrapedAuth = Pick<Auth, "serverClock" | "sessionCount" | "passwordHashes" | "withDeadline">;

export interface Metrics {
  /** Counts a security event. */
  count(event: SecurityEvent): void;
  /** Counts an HTTP response and its duration. */
  observe(answer: Answered): void;
  /** Starts the server, which does not keep the process alive. @throws Error when the port cannot be used */
  serve(auth: ScrapedAuth): Promise<Server>;
}

/** Creates the metrics of one server. They count from now on, also before `serve` is called. */
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
  // Neither drift buckets nor an exact count: an attacker who tries a guessed code could see the count rise by one, which would
  // tell that the code fits a future time step.
  const offset = new Gauge({
    name: "latchkey_server_clock_offset_seconds",
    help: "How far the server's clock is ahead of the authenticators'; absent while too few accounts have signed in.",
    registers,
  });
  const accounts = new Gauge({
    name: "latchkey_server_clock_accounts",
    help: `By how many accounts the server's clock is judged, in steps of ${ACCOUNTS_ROUNDING}; 0 while they are too few.`,
    registers,
  });

  const sessions = new Gauge({
    name: "latchkey_sessions",
    help: "Sessions that are live now; absent while the database cannot be read.",
    registers,
  });
  const answers = new Histogram({
    name: "latchkey_http_request_duration_seconds",
    help: "Answers, and how long they took, by method, route of the URL table, and class of status.",
    labelNames: ["method", "route", "status"],
    buckets: DURATION_BUCKETS,
    registers,
  });
  const setHashes = hashMetrics(registers);

  async function scrape(auth: ScrapedAuth, sessionCount: () => Promise<number>): Promise<string> {
    setHashes(auth.passwordHashes());
    // While the database cannot be read, the other metrics matter even more.
    const unknown = () => undefined;
    const [clock, live] = await Promise.all([
      auth.withDeadline(() => auth.serverClock()).catch(unknown),
      sessionCount().catch(unknown),
    ]);
    sessions.remove();
    if (live !== undefined) sessions.set(live);
    offset.remove();
    accounts.remove();
    if (clock?.verdict === "too-few") accounts.set(0);
    else if (clock) {
      accounts.set(Math.floor(clock.accounts / ACCOUNTS_ROUNDING) * ACCOUNTS_ROUNDING);
      offset.set(clock.seconds);
    }
    return registry.metrics();
  }

  return {
    count(event) {
      // Both labels are closed lists, so an event type of a newer version counts as `other`. The subject is text that people
      // typed and must never become a label.
      if (!Object.hasOwn(EVENTS, event.type)) return events.inc({ type: "other", reason: "" });
      events.inc({ type: event.type, reason: ("reason" in event ? event.reason : undefined) ?? "" });
    },
    observe({ method, route, status, seconds }) {
      answers.observe({ method, route, status: `${Math.floor(status / 100)}xx` }, seconds);
    },
    async serve(auth) {
      const sessionCount = cached(auth.sessionCount);
      const server = createServer(async (req, res) => {
        const [path] = (req.url ?? "").split("?");
        if (path !== "/metrics") return answer(res, 404, "Only /metrics is served here.\n");
        if (req.method !== "GET" && req.method !== "HEAD") {
          res.setHeader("allow", "GET, HEAD");
          return answer(res, 405, "/metrics is only read.\n");
        }
        // An exception in a collector must not end the process.
        const text = await scrape(auth, sessionCount).catch(() => undefined);
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

/** Caches a slow count: concurrent calls share one query, and its result is reused for CACHE_FACTOR times as long as it took. */
function cached(count: () => Promise<number>): () => Promise<number> {
  let result: Promise<number> | undefined;
  const forget = () => {
    result = undefined;
  };
  return () => {
    if (result) return result;
    const began = performance.now();
    result = count();
    result.then(() => {
      const took = performance.now() - began;
      if (took < UNCACHED_MS) forget();
      else setTimeout(forget, took * CACHE_FACTOR).unref();
    }, forget);
    return result;
  };
}

/** The metrics of the password-hash queue. The queue counts for itself; the returned function copies its counts. */
function hashMetrics(registers: Registry[]): (load: HashLoad) => void {
  const running = new Gauge({
    name: "latchkey_password_hashes_running",
    help: "Password hashes being computed now.",
    registers,
  });
  const waiting = new Gauge({
    name: "latchkey_password_hashes_waiting",
    help: "Password hashes that wait for their turn now.",
    registers,
  });
  const refused = new Counter({
    name: "latchkey_password_hashes_refused_total",
    help: "Requests turned away with 503 because the line was full, or the wait too long.",
    labelNames: ["reason"],
    registers,
  });
  return (load) => {
    running.set(load.running);
    waiting.set(load.waiting);
    refused.reset();
    refused.inc({ reason: "full" }, load.refused.full);
    refused.inc({ reason: "too-long" }, load.refused.tooLong);
  };
}

function answer(res: ServerResponse, status: number, text: string): void {
  if (!res.hasHeader("content-type")) res.setHeader("content-type", "text/plain; charset=utf-8");
  res.writeHead(status).end(text);
}
