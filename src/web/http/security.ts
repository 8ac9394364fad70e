/** What every answer carries and every request must pass: headers, the check against other sites, HTTPS. */
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { NextFunction, Request, RequestHandler, Response } from "express";
import helmet from "helmet";
import type { Config } from "../../config/config.js";
import { addressOf } from "./address.js";
import { allowedOrigins, isOriginOf, originOf } from "./authority.js";
import { HttpError } from "./errors.js";

type Settings = Pick<Config, "baseUrl">;

/** The headers of every page. They never differ from request to request, so helmet is asked once. */
export function securityHeaders({ baseUrl }: Settings): RequestHandler {
  const headers = Object.entries({
    ...helmetHeaders(baseUrl?.protocol === "https:", []),
    "cache-control": "no-store",
  });
  return (_req, res, next) => {
    for (const [name, value] of headers) res.setHeader(name, value);
    next();
  };
}

/** For a page whose form may lead on to an app: Chromium asks form-action for the redirect after a POST, too. */
export function leadingToApps({
  baseUrl,
  allowedHosts,
}: Pick<Config, "baseUrl" | "allowedHosts">): RequestHandler {
  const https = baseUrl?.protocol === "https:";
  const apps = [...allowedOrigins({ baseUrl, allowedHosts })];
  const name = "content-security-policy";
  const policy = helmetHeaders(https, apps)[name] ?? "";
  return (_req, res, next) => {
    res.setHeader(name, policy);
    next();
  };
}

function helmetHeaders(https: boolean, apps: string[]): Record<string, string> {
  const protect = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", "data:"],
        formAction: ["'self'", ...apps],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        ...(https ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    // Not "no-referrer": with it Chromium sends `Origin: null`, which the check below could not tell from a stranger's.
    referrerPolicy: { policy: "same-origin" },
    strictTransportSecurity: https && { maxAge: 31_536_000, includeSubDomains: false },
    xFrameOptions: { action: "deny" },
  });
  const res = new ServerResponse(new IncomingMessage(new Socket()));
  protect(res.req, res, () => {});
  return Object.fromEntries(Object.entries(res.getHeaders()).map(([name, value]) => [name, String(value)]));
}

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

/** With an https BASE_URL the cookie is Secure: over plain HTTP a person could only go in circles, so say why. */
export function requireHttps({ baseUrl }: Settings): RequestHandler {
  return (req: Request, _res: Response, next: NextFunction) => {
    next(baseUrl?.protocol === "https:" && !req.secure ? new HttpError(400, "not-https") : undefined);
  };
}

/** Drops requests whose connection is already gone: nobody waits for the answer, and there is no address to count guesses by. */
export const dropClosedConnections: RequestHandler = (req, res, next) => {
  if (addressOf(req) === undefined) res.destroy();
  else next();
};
