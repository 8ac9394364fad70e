/** Health checks for monitoring and load balancers: /healthz, the process is alive; /readyz, it can serve. */
import type { RequestHandler, Response } from "express";
import type { Logger } from "pino";
import type { Auth } from "../../auth/index.js";

/** How long one check of the database answers all probes: more frequent ones cost nothing. */
const CACHED_MS = 1_000;

/** @param isStopping whether shutdown has begun: the process still serves, but wants no new requests */
export function health(
  auth: Pick<Auth, "assertReady">,
  isStopping: () => boolean,
  log: Logger,
): Record<"alive" | "ready", RequestHandler> {
  const isDatabaseReady = cachedBriefly(() => checkDatabase(auth, log));
  return {
    alive: readOnly((res) => sendText(res, 200, "ok")),
    ready: readOnly(async (res) => {
      if (isStopping()) return sendText(res, 503, "stopping");
      if (await isDatabaseReady()) return sendText(res, 200, "ready");
      sendText(res, 503, "the database cannot be used now");
    }),
  };
}

async function checkDatabase(auth: Pick<Auth, "assertReady">, log: Logger): Promise<boolean> {
  try {
    await auth.assertReady();
    return true;
  } catch (err) {
    log.error({ err }, "not ready: the database cannot be used now");
    return false;
  }
}

/** Runs one check at a time. Calls meanwhile, and up to CACHED_MS later, get its answer. */
function cachedBriefly<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask().finally(() => {
      setTimeout(() => {
        answer = undefined;
      }, CACHED_MS).unref();
    });
    return answer;
  };
}

function readOnly(answer: (res: Response) => void | Promise<void>): RequestHandler {
  return (req, res) => {
    if (req.method === "GET" || req.method === "HEAD") return answer(res);
    res.set("Allow", "GET, HEAD");
    sendText(res, 405, "this is only read");
  };
}

function sendText(res: Response, status: number, text: string): void {
  if (status === 503) res.set("Retry-After", "5");
  res.status(status).set("Cache-Control", "no-store").type("text").send(text);
}
