/** Request log and metrics: one line and one observation for each answer. Never logs a query, a body or a cookie. */
import type { Request, RequestHandler } from "express";
import type { Logger } from "pino";
import { addressOf } from "./address.js";
import { partsOfPath, withoutToken } from "./link-path.js";

/** An answer as the metrics count it. Each label has only a few values, so that there are few time series. */
export interface Answered {
  method: "GET" | "POST" | "other";
  /** A path of the URL table as written there (`:id`), `assets`, or `other`: never the requested path. */
  route: string;
  /** 499: the connection was closed before the answer was made. */
  status: number;
  seconds: number;
}

/** What a handler adds to the log line of its request. */
export interface Noted {
  /** The host that a proxy asked about. */
  host?: string | undefined;
  /** Why the request was refused, from a closed list. */
  reason: string;
}

/** Notes by request. `"answered"`: write no line if the status is 200. */
const notes = new WeakMap<Request, Noted | "answered">();

/** Adds fields to a request's log line; `"answered"` leaves the line out if the status is 200. */
export function noteInLog(req: Request, note: Noted | "answered"): void {
  notes.set(req, note);
}

/** Logs and observes each answer when it is sent, or when its connection closes before. */
export function requestLog(
  log: Logger,
  observe: (answer: Answered) => void,
  { logsAssets }: { logsAssets: boolean },
): RequestHandler {
  return (req, res, next) => {
    const start = performance.now();
    const path = pathOf(req);
    // Remembers the address: once closed, the connection no longer has it.
    addressOf(req);
    res.on("close", () => {
      const ms = performance.now() - start;
      // Not writableFinished: a client that closes at the last byte may be quicker than the report that it was sent.
      const status = res.writableEnded ? res.statusCode : 499;
      const route = routeOf(req);
      const note = notes.get(req);
      const isSkipped = (note === "answered" && status === 200) || (route === ASSETS && !logsAssets);
      if (!isSkipped) {
        log.info(
          {
            requestId: req.id,
            method: req.method,
            path,
            status,
            ms: Math.round(ms),
            address: addressOf(req),
            ...(note !== "answered" && note),
          },
          "request",
        );
      }
      observe({ method: methodOf(req), route, status, seconds: ms / 1_000 });
    });
    next();
  };
}

const ASSETS = "assets";

/** The requested path without the query and the token of a one-time link, cut off at 200 characters. */
export function pathOf(req: Request): string {
  const { mount, rest } = partsOfPath(req);
  return `${mount}${withoutToken(rest)}`.slice(0, 200);
}

function methodOf({ method }: Request): Answered["method"] {
  return method === "GET" || method === "POST" ? method : "other";
}

/** The route that Express has matched. A request that was refused before, or has no route, counts as `other`. */
function routeOf(req: Request): string {
  const path: string | RegExp | undefined = req.route?.path;
  if (path instanceof RegExp) return ASSETS;
  return path ?? "other";
}
