/** What a reverse proxy says of the request that it asks about: which page a browser wants, and how. */
import type { Request } from "express";
import { isNavigation } from "./navigation.js";
import { isFromTrustedProxy } from "./proxy.js";

/**
 * Whether a browser wants to see a page. Where it sends something, a redirect would lose that in silence; where a script or an
 * image asks, it would lead them to a page that they can do nothing with.
 */
export function isPageWanted(req: Request): boolean {
  if (!isNavigation(req)) return false;
  const told = isFromTrustedProxy(req)
    ? (req.get("x-original-method") ?? req.get("x-forwarded-method"))
    : undefined;
  return ["GET", "HEAD"].includes(told ?? req.method);
}

/** Whether a page is named at all, be it badly. */
export function namesPage(req: Request): boolean {
  return req.get("x-original-url") !== undefined || req.get("x-forwarded-uri") !== undefined;
}

/** An absolute address in printable ASCII without a fragment, as a browser's request has it; two headers of a kind come with a blank. */
const ADDRESS = /^https?:\/\/[\w.:[\]-]+([/?][!"$-~]*)?$/;

/** The address that the browser asked the proxy for; undefined when nobody who is trusted has said it, or it is malformed. */
export function wantedAddress(req: Request): string | undefined {
  if (!isFromTrustedProxy(req)) return undefined;
  const address = req.get("x-original-url") ?? forwardedAddress(req);
  return address !== undefined && ADDRESS.test(address) ? address : undefined;
}

/** Names are up to 253 characters, and a port. */
const HOST = /^https?:\/\/([\w.:[\]-]{1,259})(?:[/?]|$)/;

/** The host of it, for the log; undefined where it is longer than any. */
export function wantedHost(req: Request): string | undefined {
  return HOST.exec(wantedAddress(req) ?? "")?.[1]?.toLowerCase();
}

function forwardedAddress(req: Request): string | undefined {
  const [scheme, host, uri] = ["proto", "host", "uri"].map((part) => req.get(`x-forwarded-${part}`));
  // Whole each: a host with a path in it would be another page's address.
  if (!/^https?$/.test(scheme ?? "") || !/^[\w.:[\]-]+$/.test(host ?? "") || !uri?.startsWith("/"))
    return undefined;
  return `${scheme}://${host}${uri}`;
}
