/** The headers of every page: CSP, HSTS, framing, referrer, caching (ASVS 5.0 3.4). */
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { RequestHandler } from "express";
import helmet from "helmet";
import type { Config } from "../../config/config.js";
import { allowedOrigins } from "./authority.js";

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
