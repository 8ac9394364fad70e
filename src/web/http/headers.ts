/** The headers of every page: CSP, HSTS, framing, referrer, caching (ASVS 5.0 3.4). Tests: test/security/headers.test.ts */
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { RequestHandler } from "express";
import helmet from "helmet";
import type { Config } from "../../config/config.js";
import { allowedOrigins } from "./authority.js";
import { isLinkPath, partsOfPath } from "./link-path.js";

type Settings = Pick<Config, "baseUrl">;

/** Sets the headers of every page. They are the same for all requests, so helmet runs once: a few microseconds less a page. */
export function securityHeaders({ baseUrl }: Settings): RequestHandler {
  const headers = Object.entries({
    ...helmetHeaders(baseUrl?.protocol === "https:", []),
    "cache-control": "no-store",
  });
  return (req, res, next) => {
    for (const [name, value] of headers) res.setHeader(name, value);
    // The address is a credential: not even our own pages get it in a Referer, nor do the access logs before them.
    if (isLinkPath(partsOfPath(req).rest)) res.setHeader("referrer-policy", "strict-origin");
    next();
  };
}

/** For pages whose form may redirect to an app: Chromium applies form-action to the redirect after a POST, too. */
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

/** Runs helmet on a response that is never sent. @param apps origins that forms may redirect to */
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
    // Not "no-referrer": with it Chromium sends `Origin: null`, which csrf.ts could not tell from another site's.
    referrerPolicy: { policy: "same-origin" },
    strictTransportSecurity: https && { maxAge: 31_536_000, includeSubDomains: false },
    xFrameOptions: { action: "deny" },
  });
  const res = new ServerResponse(new IncomingMessage(new Socket()));
  protect(res.req, res, () => {});
  return Object.fromEntries(Object.entries(res.getHeaders()).map(([name, value]) => [name, String(value)]));
}
