/** One short line for each answer: who, what, how it ended, how long it took. Never a query, a body or a cookie. */
import type { RequestHandler } from "express";
import type { Logger } from "pino";

/** Logs when the connection closes: 499 stands for an answer that nobody waited for. */
export function requestLog(log: Logger): RequestHandler {
  return (req, res, next) => {
    const start = performance.now();
    res.on("close", () => {
      log.info(
        {
          method: req.method,
          path: req.originalUrl.split("?", 1)[0]?.slice(0, 200),
          status: res.writableFinished ? res.statusCode : 499,
          ms: Math.round(performance.now() - start),
          address: req.ip,
        },
        "request",
      );
    });
    next();
  };
}
