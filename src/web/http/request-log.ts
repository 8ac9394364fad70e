/** What is kept of each answer: one short line, and its place in the metrics. Never a query, a body or a cookie. */
import type { Request, RequestHandler } from "express";
import type { Logger } from "pino";
import { addressOf } from "./address.js";

/** An answer as the metrics count it: of each label there are only a few. */
export interface Answered {
  method: "GET" | "POST" | "other";
  /** A path of the URL table with its parameters unfilled, `assets`, or `other`: never what was asked for. */
  route: string;
  /** 499 stands for an answer that nobody waited for: the connection was closed before it was made. */
  status: number;
  seconds: number;
}

/** What a handler adds to its request's line. */
export interface Noted {
  /** The host that a proxy asked about. */
  host?: string | undefined;
  /** Why the request was refused, from a closed list. */
  reason: string;
}

/** By request. `answered`: write no line if all went well. */
const notes = new WeakMap<Request, Noted | "answered">();

/** Adds to a request's line, or has it written only if the request was refused. */
export function noteInLog(req: Request, note: Noted | "answered"): void {
  notes.set(req, note);
}

/** Logs when the connection closes. */
export function requestLog(
  log: Logger,
  observe: (answer: Answered) => void,
  { logsAssets }: { logsAssets: boolean },
): RequestHandler {
  return (req, res, next) => {
    const start = performance.now();
    // By the time of the answer, a closed connection no longer has it.
    addressOf(req);
    res.on("close", () => {
      const ms = performance.now() - start;
      // Ended, not finished: who hangs up at the last byte may be quicker than the word that it was sent.
      const status = res.writableEnded ? res.statusCode : 499;
      const route = routeOf(req);
      const note = notes.get(req);
      const isLeftOut = (note === "answered" && status === 200) || (route === ASSETS && !logsAssets);
      if (!isLeftOut) {
        log.info(
          {
            requestId: req.id,
            method: req.method,
            path: pathOf(req),
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

/** As it was asked for, without the query. */
export function pathOf(req: Request): string {
  return (req.originalUrl.split("?", 1)[0] ?? "").slice(0, 200);
}

function methodOf({ method }: Request): Answered["method"] {
  return method === "GET" || method === "POST" ? method : "other";
}

/** Express notes the route that a request came to; what was refused before that, or leads nowhere, came to none. */
function routeOf(req: Request): string {
  const path: string | RegExp | undefined = req.route?.path;
  if (path instanceof RegExp) return ASSETS;
  return path ?? "other";
}
