/** What a reverse proxy says of the request that it asks about: which page a browser wants, and how. */
import type { Request } from "express";
import { type Config, isInReach } from "../../config/config.js";
import { allowedOrigins, isOwnHost, originOf } from "../http/authority.js";
import { wantsPage } from "../http/navigation.js";
import { judgeNext } from "../http/next.js";
import { isFromTrustedProxy } from "../http/trusted-proxy.js";
import { isTooLong, MAX_URL_BYTES, percentEncoded } from "../http/url.js";

type Settings = Pick<Config, "allowedHosts" | "baseUrl" | "cookieDomain">;

/**
 * Whether a browser wants to see a page. A redirect would silently lose a form that it sends, and would lead a program, a script
 * or an image to a page that it cannot use.
 */
export function isPageWanted(req: Request): boolean {
  if (!wantsPage(req)) return false;
  const told = isFromTrustedProxy(req)
    ? (req.get("x-original-method") ?? req.get("x-forwarded-method"))
    : undefined;
  return ["GET", "HEAD"].includes(told ?? req.method);
}

/** The page that the browser may return to, or why it may not. */
export type ForwardedRequest =
  | { outcome: "allowed"; next: string }
  /** No trusted proxy names a page. */
  | { outcome: "unnamed" }
  | { outcome: "too-long"; host: string }
  | { outcome: "malformed" }
  | { outcome: "not-allowed"; host: string }
  /** The host is allowed, but our cookies do not reach it: people who are signed in would be sent back to /login for ever. */
  | { outcome: "out-of-reach"; host: string };

/** An absolute address in printable ASCII without a fragment, as a browser's request has it; two headers of a kind come with a blank. */
const ADDRESS = /^https?:\/\/[\w.:[\]-]+([/?][!"$-~]*)?$/;

/** The page that the browser asked the proxy for. Its raw length is checked before anything else. */
export function forwardedRequest(req: Request, settings: Settings): ForwardedRequest {
  const head = wantedHead(req);
  if (head === undefined) return { outcome: "unnamed" };
  // The limit is checked before each byte grows to three characters.
  const address = head.length > MAX_URL_BYTES ? undefined : percentEncoded(head);
  if (address === undefined || isTooLong(address))
    return { outcome: "too-long", host: hostOf(originIn(head)) };
  if (!ADDRESS.test(address)) return { outcome: "malformed" };
  const verdict = judgeNext(address, settings);
  if (verdict.outcome === "too-long") return { outcome: "too-long", host: hostOf(originIn(head)) };
  if (verdict.outcome !== "allowed") return verdict;
  const { next, hostname = "" } = verdict;
  if (!isInReach(hostname, settings)) return { outcome: "out-of-reach", host: hostOf(originIn(head)) };
  return { outcome: "allowed", next };
}

/** The host of the page that a trusted proxy names, for the log; undefined if there is none, or none that can be read. */
export function wantedHost(req: Request): string | undefined {
  const origin = originIn(wantedHead(req) ?? "");
  return origin && hostOf(origin);
}

/**
 * Whether a proxy asks about a page of an app in ALLOWED_HOSTS. Not if the request came to our own host: if the proxy there
 * passes on clients' headers, a script in a page could name an app's page.
 */
export function isAboutAnApp(req: Request, settings: Settings): boolean {
  const head = wantedHead(req);
  if (head === undefined) return false;
  const cameTo = [req.get("host"), ...(req.get("x-forwarded-host") ?? "").split(",", 10)];
  if (cameTo.some((host) => isOwnHost(host?.trim(), settings))) return false;
  // The rest of the address may be long or malformed: the app must get its cookies all the same.
  const origin = originIn(head);
  return origin !== undefined && origin !== settings.baseUrl?.origin && allowedOrigins(settings).has(origin);
}

/** The address in the proxy's headers, as raw bytes; undefined when no trusted proxy names a page. */
function wantedHead(req: Request): string | undefined {
  if (!isFromTrustedProxy(req)) return undefined;
  const original = req.get("x-original-url");
  if (original !== undefined) return original;
  const [scheme, host, uri] = ["proto", "host", "uri"].map((part) => req.get(`x-forwarded-${part}`));
  if (uri === undefined) return undefined;
  // Each header must be valid on its own: a host with a path in it would make another page's address. Anything else is malformed.
  const isWhole = originOf(`${scheme}://${host}`) !== undefined && uri.startsWith("/");
  return isWhole ? `${scheme}://${host}${uri}` : "";
}

/** The origin of an address, as browsers write it. */
function originIn(head: string): string | undefined {
  const [start] = /^https?:\/\/[\w.:[\]-]{1,300}(?=[/?]|$)/.exec(head) ?? [];
  return start === undefined ? undefined : originOf(start);
}

/** For the log alone. */
function hostOf(origin: string | undefined): string {
  return origin?.replace(/^https?:\/\//, "") ?? "a host that cannot be read";
}
