/** CSRF: refuses requests from another site, by Fetch Metadata or by Origin. Tests: test/security/cross-site.test.ts */
import type { IncomingMessage } from "node:http";
import type { RequestHandler } from "express";
import type { Config } from "../../config/config.js";
import { isOriginOf, originOf } from "./authority.js";
import { HttpError } from "./errors.js";

type Settings = Pick<Config, "baseUrl">;

const SAFE_METHODS = ["GET", "HEAD", "OPTIONS"];

/**
 * Refuses what a page of another site sent (ASVS 5.0 3.5.1): by Fetch Metadata, else by comparing Origin with our own host. A
 * request with neither comes from a program, not from a browser, so it carries no victim's cookies.
 */
export function refuseCrossSite({ baseUrl }: Settings): RequestHandler {
  return (req, _res, next) => next(isCrossSite(req, { baseUrl }) ? new HttpError(403) : undefined);
}

/** Whether a request could change something, or opens a WebSocket, and came from a page of another site. */
export function isCrossSite(req: IncomingMessage, { baseUrl }: Settings): boolean {
  const isSafe = SAFE_METHODS.includes(req.method ?? "") && !opensWebSocket(req);
  return !isSafe && !isOurs(req, baseUrl);
}

/**
 * Whether a request opens a WebSocket. It is a GET, but a page of any site may open one and read along (RFC 6455 §10.2). Browsers
 * send `Upgrade` for nothing else.
 */
export function opensWebSocket({ headers }: IncomingMessage): boolean {
  return /\bwebsocket\b/i.test(headers.upgrade ?? "");
}

function isOurs({ headers }: IncomingMessage, baseUrl: URL | undefined): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site === "same-origin" || site === "none";
  const { origin, host } = headers;
  if (origin === undefined) return true;
  // Without BASE_URL our public scheme is unknown, so only hosts are compared. With it, `http:` on our own host is another site.
  return baseUrl ? originOf(origin) === baseUrl.origin : isOriginOf(origin, host);
}
