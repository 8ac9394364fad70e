/** /healthz and /readyz: whether the process is alive, and whether it can serve; for those who watch and route, not for people. */
import type { RequestHandler, Response } from "express";
import type { Logger } from "pino";
import type { Auth } from "../../auth/index.js";

/** So long one answer of the database is good for all: who asks more often costs nothing. */
const SHARED_MS = 1_000;

/** @param isStopping whether the process was told to end: it still serves, and wants no more work */
export function health(
  auth: Pick<Auth, "isReady">,
  isStopping: () => boolean,
  log: Logger,
): Record<"alive" | "ready", RequestHandler> {
  const databaseAnswers = shared(() => asks(auth, log));
  return {
    alive: onlyRead((res) => say(res, 200, "ok")),
    ready: onlyRead(async (res) => {
      if (isStopping()) return say(res, 503, "stopping");
      if (await databaseAnswers()) return say(res, 200, "ready");
      say(res, 503, "the database cannot be used now");
    }),
  };
}

async function asks(auth: Pick<Auth, "isReady">, log: Logger): Promise<boolean> {
  try {
    await auth.isReady();
    return true;
  } catch (err) {
    log.error({ err }, "not ready: the database cannot be used now");
    return false;
  }
}

/** Asks once at a time, and lets all who come meanwhile, or soon after, have the same answer. */
function shared<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask().finally(() => {
      setTimeout(() => {
        answer = undefined;
      }, SHARED_MS).unref();
    });
    return answer;
  };
}

function onlyRead(answer: (res: Response) => void | Promise<void>): RequestHandler {
  return (req, res) => {
    if (req.method === "GET" || req.method === "HEAD") return answer(res);
    res.set("Allow", "GET, HEAD");
    say(res, 405, "this is only read");
  };
}

function say(res: Response, status: number, text: string): void {
  if (status === 503) res.set("Retry-After", "5");
  res.status(status).set("Cache-Control", "no-store").type("text").send(text);
}
