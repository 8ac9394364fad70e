/** What a reverse proxy says of the request that it asks about: which page a browser wants, and how. */
import type { Request } from "express";
import { type Config, isInReach } from "../config.js";
import { allowedOrigins, isOwnHost, originOf } from "./authority.js";
import { wantsPage } from "./navigation.js";
import { judgeNext } from "./next.js";
import { isFromTrustedProxy } from "./proxy.js";
import { isTooLong, MAX_URL_BYTES, percentEncoded } from "./url.js";

type Settings = Pick<Config, "allowedHosts" | "baseUrl" | "cookieDomain">;

/**
 * Whether a browser wants to see a page. Where it sends something, a redirect would lose that in silence; where a program, a
 * script or an image asks, it would lead them to a page that they can do nothing with.
 */
export function isPageWanted(req: Request): boolean {
  if (!wantsPage(req)) return false;
  const told = isFromTrustedProxy(req)
    ? (req.get("x-original-method") ?? req.get("x-forwarded-method"))
    : undefined;
  return ["GET", "HEAD"].includes(told ?? req.method);
}

/** Where the browser may be led back to, or why not. */
export type WantedPage =
  | { outcome: "kept"; next: string }
  /** No proxy that is trusted says anything of a page. */
  | { outcome: "unnamed" }
  | { outcome: "too-long"; host: string }
  | { outcome: "malformed" }
  | { outcome: "not-allowed"; host: string }
  /** The host is allowed, but no cookie of ours gets there: whoever is signed in would be sent back to /login for ever. */
  | { outcome: "out-of-reach"; host: string };

/** An absolute address in printable ASCII without a fragment, as a browser's request has it; two headers of a kind come with a blank. */
const ADDRESS = /^https?:\/\/[\w.:[\]-]+([/?][!"$-~]*)?$/;

/** The page that the browser asked the proxy for, bounded in its raw length before anything else. */
export function wantedPage(req: Request, settings: Settings): WantedPage {
  const head = wantedHead(req);
  if (head === undefined) return { outcome: "unnamed" };
  // Its bytes are bounded before they grow to three characters each.
  const address = head.length > MAX_URL_BYTES ? undefined : percentEncoded(head);
  if (address === undefined || isTooLong(address))
    return { outcome: "too-long", host: hostOf(originIn(head)) };
  if (!ADDRESS.test(address)) return { outcome: "malformed" };
  const verdict = judgeNext(address, settings);
  if (verdict.outcome === "too-long") return { outcome: "too-long", host: hostOf(originIn(head)) };
  if (verdict.outcome !== "kept") return verdict;
  const { next, hostname = "" } = verdict;
  if (!isInReach(hostname, settings)) return { outcome: "out-of-reach", host: hostOf(originIn(head)) };
  return { outcome: "kept", next };
}

/** The host of the page that a trusted proxy names, for the log; undefined where it names none that can be read. */
export function wantedHost(req: Request): string | undefined {
  const origin = originIn(wantedHead(req) ?? "");
  return origin && hostOf(origin);
}

/**
 * Whether the question is a proxy's, about a page of an app that stands in ALLOWED_HOSTS. One that came to our own host is not:
 * there, where the proxy passes on what clients send, a script in a page could name a page of an app.
 */
export function isAboutAnApp(req: Request, settings: Settings): boolean {
  const head = wantedHead(req);
  if (head === undefined) return false;
  const cameTo = [req.get("host"), ...(req.get("x-forwarded-host") ?? "").split(",", 10)];
  if (cameTo.some((host) => isOwnHost(host?.trim(), settings))) return false;
  // However long or odd the rest of the address is: the app's own cookies are not to vanish with it.
  const origin = originIn(head);
  return origin !== undefined && origin !== settings.baseUrl?.origin && allowedOrigins(settings).has(origin);
}

/** The address as the proxy's head has it, in bytes; undefined when nobody who is trusted names a page. */
function wantedHead(req: Request): string | undefined {
  if (!isFromTrustedProxy(req)) return undefined;
  const original = req.get("x-original-url");
  if (original !== undefined) return original;
  const [scheme, host, uri] = ["proto", "host", "uri"].map((part) => req.get(`x-forwarded-${part}`));
  if (uri === undefined) return undefined;
  // Whole each: a host with a path in it would be another page's address. What cannot be put together is malformed.
  const isWhole = originOf(`${scheme}://${host}`) !== undefined && uri.startsWith("/");
  return isWhole ? `${scheme}://${host}${uri}` : "";
}

/** The origin that an address begins with, as browsers write it. */
function originIn(head: string): string | undefined {
  const [start] = /^https?:\/\/[\w.:[\]-]{1,300}(?=[/?]|$)/.exec(head) ?? [];
  return start === undefined ? undefined : originOf(start);
}

/** For the log alone. */
function hostOf(origin: string | undefined): string {
  return origin?.replace(/^https?:\/\//, "") ?? "a host that cannot be read";
}
