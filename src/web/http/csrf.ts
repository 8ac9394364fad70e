/** CSRF: refuses what another site sent, by Fetch Metadata or by Origin. Tests: test/security/cross-site.test.ts */
import type { Request, RequestHandler } from "express";
import type { Config } from "../../config/config.js";
import { isOriginOf, originOf } from "./authority.js";
import { HttpError } from "./errors.js";

type Settings = Pick<Config, "baseUrl">;

const SAFE_METHODS = ["GET", "HEAD", "OPTIONS"];

/**
 * Refuses what another site sent (ASVS 5.0 3.5.1): by fetch metadata, else by Origin against our own host. A request with
 * neither is no browser's and carries nobody's cookies but its sender's.
 */
export function refuseCrossSite({ baseUrl }: Settings): RequestHandler {
  return (req, _res, next) => next(isCrossSite(req, { baseUrl }) ? new HttpError(403) : undefined);
}

/** Whether it could change something and came from a page of another site. */
export function isCrossSite(req: Request, { baseUrl }: Settings): boolean {
  return !SAFE_METHODS.includes(req.method) && !isOurs(req, baseUrl);
}

function isOurs(req: Request, baseUrl: URL | undefined): boolean {
  const site = req.get("sec-fetch-site");
  if (site !== undefined) return site === "same-origin" || site === "none";
  const origin = req.get("origin");
  if (origin === undefined) return true;
  // Without BASE_URL the scheme that people see is unknown; with it, `http:` of our own name is another site.
  return baseUrl ? originOf(origin) === baseUrl.origin : isOriginOf(origin, req.get("host"));
}
