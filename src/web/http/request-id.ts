/** A name for each request: in its answer, in every line of the log about it, and on the page when something failed. */
import { randomUUID } from "node:crypto";
import type { Request, RequestHandler } from "express";
import { isFromTrustedProxy } from "./trusted-proxy.js";

declare module "express-serve-static-core" {
  interface Request {
    /** Names this request: our own, or that of a proxy that TRUST_PROXY names, or of the app that Latchkey is mounted in. */
    id: string;
  }
}

const HEADER = "X-Request-Id";

/** Nothing that could look like another line of a log, or fill one. */
const WELL_FORMED = /^[A-Za-z0-9._-]{8,64}$/;

export function requestIds(): RequestHandler {
  return (req, res, next) => {
    req.id = proxysId(req) ?? hostsId(req) ?? randomUUID();
    res.set(HEADER, req.id);
    next();
  };
}

/** The id that the app in which Latchkey is mounted has given the request: its log goes on by that. */
function hostsId({ id }: { id?: unknown }): string | undefined {
  return typeof id === "string" && WELL_FORMED.test(id) ? id : undefined;
}

/** The id that a trusted proxy gave the request: one name for both their logs. A stranger's would only confuse them. */
function proxysId(req: Request): string | undefined {
  const given = req.get(HEADER);
  if (given === undefined || !WELL_FORMED.test(given)) return undefined;
  return isFromTrustedProxy(req) ? given : undefined;
}
