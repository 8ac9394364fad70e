/**
 * Reads a reverse proxy's headers about the request that it asks about: which page the browser wants, and by which method.
 * Tests: test/security/forward-auth-addresses.test.ts, test/web/proxy/auth-verify.test.ts
 */
import type { Request } from "express";
import { type Config, isInReach } from "../../config/config.js";
import { allowedOrigins, isOwnHost, originOf } from "../http/authority.js";
import { judgeNext } from "../http/next.js";
import { canUsePage } from "../http/request.js";
import { isFromTrustedProxy } from "../http/trusted-proxies.js";
import { isTooLong, MAX_URL_BYTES, percentEncoded } from "../http/url.js";

type Settings = Pick<Config, "allowedHosts" | "baseUrl" | "cookieDomain">;

/**
 * Whether a browser wants to see a page, so that a redirect helps. A redirect would silently lose a form that was sent, and would
 * lead a program, a script or an image to a page that it cannot use.
 */
export function mayRedirectBrowser(req: Request): boolean {
  if (!canUsePage(req)) return false;
  const originalMethod = isFromTrustedProxy(req)
    ? (req.get("x-original-method") ?? req.get("x-forwarded-method"))
    : undefined;
  return ["GET", "HEAD"].includes(originalMethod ?? req.method);
}

/** The page to which the browser may return, or why it may not. */
export type ForwardedRequest =
  | { outcome: "allowed"; next: string }
  /** No trusted proxy names a page. */
  | { outcome: "no-page" }
  | { outcome: "too-long"; host: string }
  | { outcome: "malformed" }
  | { outcome: "not-allowed"; host: string }
  /** The host is allowed, but our cookies do not reach it: signed-in people would be sent back to /login for ever. */
  | { outcome: "out-of-reach"; host: string };

/**
 * An absolute address in printable ASCII without a fragment, as in a browser's request. A header that was sent twice does not
 * match: Node joins the two with a comma and a space.
 */
const ADDRESS = /^https?:\/\/[\w.:[\]-]+([/?][!"$-~]*)?$/;

/** The page that the browser asked the proxy for. Its raw length is checked before anything else. */
export function forwardedRequest(req: Request, settings: Settings): ForwardedRequest {
  const raw = rawAddress(req);
  if (raw === undefined) return { outcome: "no-page" };
  // The limit is checked before each byte grows to three characters.
  const address = raw.length > MAX_URL_BYTES ? undefined : percentEncoded(raw);
  if (address === undefined || isTooLong(address))
    return { outcome: "too-long", host: hostOf(originIn(raw)) };
  if (!ADDRESS.test(address)) return { outcome: "malformed" };
  const verdict = judgeNext(address, settings);
  if (verdict.outcome === "too-long") return { outcome: "too-long", host: hostOf(originIn(raw)) };
  if (verdict.outcome !== "allowed") return verdict;
  const { next, hostname = "" } = verdict;
  if (!isInReach(hostname, settings)) return { outcome: "out-of-reach", host: hostOf(originIn(raw)) };
  return { outcome: "allowed", next };
}

/** The host of the page that a trusted proxy names, for the log; undefined if there is none, or it cannot be read. */
export function wantedHost(req: Request): string | undefined {
  const origin = originIn(rawAddress(req) ?? "");
  return origin && hostOf(origin);
}

/**
 * Whether a proxy asks about a page of an app in ALLOWED_HOSTS. Not if the request came to our own host: if the proxy there
 * passes on clients' headers, a script in a page could name an app's page.
 */
export function isAboutAnApp(req: Request, settings: Settings): boolean {
  const raw = rawAddress(req);
  if (raw === undefined) return false;
  const requestHosts = [req.get("host"), ...(req.get("x-forwarded-host") ?? "").split(",", 10)];
  if (requestHosts.some((host) => isOwnHost(host?.trim(), settings))) return false;
  // Only the origin counts: even if the rest is too long or malformed, the app must get its cookies.
  const origin = originIn(raw);
  return origin !== undefined && origin !== settings.baseUrl?.origin && allowedOrigins(settings).has(origin);
}

/** The page's address in the proxy's headers, as raw bytes; undefined if no trusted proxy names a page; "" if it is malformed. */
function rawAddress(req: Request): string | undefined {
  if (!isFromTrustedProxy(req)) return undefined;
  const original = req.get("x-original-url");
  if (original !== undefined) return original;
  const [scheme, host, uri] = ["proto", "host", "uri"].map((part) => req.get(`x-forwarded-${part}`));
  if (uri === undefined) return undefined;
  // Each header must be valid on its own: a host with a path in it would make another page's address.
  const isValid = originOf(`${scheme}://${host}`) !== undefined && uri.startsWith("/");
  return isValid ? `${scheme}://${host}${uri}` : "";
}

/** The origin of an address, as browsers write it; undefined if it cannot be read. */
function originIn(raw: string): string | undefined {
  const [start] = /^https?:\/\/[\w.:[\]-]{1,300}(?=[/?]|$)/.exec(raw) ?? [];
  return start === undefined ? undefined : originOf(start);
}

/** The host of an origin, for the log. */
function hostOf(origin: string | undefined): string {
  return origin?.replace(/^https?:\/\//, "") ?? "a host that cannot be read";
}
