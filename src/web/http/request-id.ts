/** Request ids: in the answer's X-Request-Id, in every log line about the request, and on the page when something failed. */
import { randomUUID } from "node:crypto";
import type { Request, RequestHandler } from "express";
import { isFromTrustedProxy } from "./trusted-proxies.js";

declare module "express-serve-static-core" {
  interface Request {
    /** From a proxy that TRUST_PROXY names, else from the host app, else our own. */
    id: string;
  }
}

const HEADER = "X-Request-Id";

/** Prevents log injection: such an id can neither start another line nor fill one. */
const WELL_FORMED = /^[A-Za-z0-9._-]{8,64}$/;

export function requestIds(): RequestHandler {
  return (req, res, next) => {
    req.id = requestIdOf(req);
    res.set(HEADER, req.id);
    next();
  };
}

/** From a proxy that TRUST_PROXY names, else from the host app, else our own. */
export function requestIdOf(req: Request): string {
  return proxysId(req) ?? hostsId(req) ?? randomUUID();
}

/** The id that the host app has given the request, so that both logs use the same one. */
function hostsId({ id }: { id?: unknown }): string | undefined {
  return typeof id === "string" && WELL_FORMED.test(id) ? id : undefined;
}

/** The id that a trusted proxy has given the request, so that both logs use the same one. Anyone else's is ignored. */
function proxysId(req: Request): string | undefined {
  const given = req.get(HEADER);
  if (given === undefined || !WELL_FORMED.test(given)) return undefined;
  return isFromTrustedProxy(req) ? given : undefined;
}
