/** `/metrics` for Prometheus: what happened, how long it took, and how things stand; to this machine alone. */
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { type Auth, EVENTS, type HashLoad, type Report } from "./auth/index.js";
import type { Answered } from "./web/http/request-log.js";

/** Prometheus runs on the same machine, or reaches it through something that asks who is there. */
const HOST = "127.0.0.1";

/** The count of accounts is told in steps of this. */
const STEP = 10;

/** Some hundred thousand sessions are counted within this time; */
const QUICK_MS = 250;
/** where it takes longer, a count is told for so many times as long as it took. */
const SELDOM = 50;

/** From an asset to a password hash that waited in line. */
const SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** What is asked at the moment when somebody reads the page. */
type Asked = Pick<Auth, "serverClock" | "sessionCount" | "passwordHashes" | "withDeadline">;

export interface Metrics {
  /** Counts a security event. */
  count: Report;
  /** Counts an answer, and how long it took. */
  observe(answer: Answered): void;
  /** Begins to serve. The server keeps no process alive by itself. @throws Error when the port cannot be had */
  serve(auth: Asked): Promise<Server>;
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

  const sessions = new Gauge({
    name: "latchkey_sessions",
    help: "Sessions that are live now; absent while the database cannot be read.",
    registers,
  });
  const answers = new Histogram({
    name: "latchkey_http_request_duration_seconds",
    help: "Answers, and how long they took, by method, route of the URL table, and class of status.",
    labelNames: ["method", "route", "status"],
    buckets: SECONDS,
    registers,
  });
  const tellHashes = hashMetrics(registers);

  async function page(auth: Asked, sessionCount: () => Promise<number>): Promise<string> {
    tellHashes(auth.passwordHashes());
    // While the database cannot be read, the rest is wanted the more.
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
      accounts.set(Math.floor(clock.accounts / STEP) * STEP);
      offset.set(clock.seconds);
    }
    return registry.metrics();
  }

  return {
    count(event) {
      // Both labels are closed lists, so a type of a newer version counts as `other`. The subject is text that people typed: it
      // must never become a label.
      if (!Object.hasOwn(EVENTS, event.type)) return events.inc({ type: "other", reason: "" });
      events.inc({ type: event.type, reason: ("reason" in event ? event.reason : undefined) ?? "" });
    },
    observe({ method, route, status, seconds }) {
      answers.observe({ method, route, status: `${Math.floor(status / 100)}xx` }, seconds);
    },
    async serve(auth) {
      const sessionCount = sparing(auth.sessionCount);
      const server = createServer(async (req, res) => {
        const [path] = (req.url ?? "").split("?");
        if (path !== "/metrics") return answer(res, 404, "Only /metrics is served here.\n");
        if (req.method !== "GET" && req.method !== "HEAD") {
          res.setHeader("allow", "GET, HEAD");
          return answer(res, 405, "/metrics is only read.\n");
        }
        // Whatever a collector may throw, the sign-in goes on.
        const text = await page(auth, sessionCount).catch(() => undefined);
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

/** Makes a count that takes long only seldom; what comes meanwhile, or soon after, is told the same. */
function sparing(count: () => Promise<number>): () => Promise<number> {
  let told: Promise<number> | undefined;
  const forget = () => {
    told = undefined;
  };
  return () => {
    if (told) return told;
    const began = performance.now();
    told = count();
    told.then(() => {
      const took = performance.now() - began;
      if (took < QUICK_MS) forget();
      else setTimeout(forget, took * SELDOM).unref();
    }, forget);
    return told;
  };
}

/** The line before the password hashes, which keeps the counts itself. */
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
