/** Whether a person goes to a page, as far as the request tells (Fetch Metadata); else a script, a program, an image or the like asks. */
import type { Request } from "express";

/** What browsers say of a page that they fetch in case it is wanted: it may never be looked at. */
const SPECULATIVE = ["sec-purpose", "purpose", "x-purpose", "x-moz"];

/**
 * Whether somebody looks at the answer, as far as the request tells. Over plain HTTP browsers send no Fetch Metadata: there
 * `Accept` tells a page from a picture or a script's request.
 */
export function isSeen(req: Request): boolean {
  if (req.method === "HEAD" || !isNavigation(req)) return false;
  if (SPECULATIVE.some((name) => /prefetch|prerender|preview/i.test(req.get(name) ?? ""))) return false;
  return req.get("sec-fetch-mode") !== undefined || req.get("accept")?.includes("text/html") !== false;
}

export function isNavigation(req: Request): boolean {
  return [undefined, "navigate"].includes(req.get("sec-fetch-mode"));
}

/** Much longer than any browser's. */
const MAX_ACCEPT = 1_000;

/**
 * Whether a page is of use to whoever asks. A program follows a redirect to one that it cannot read: an `Accept` that rules HTML
 * out tells it, a script's `X-Requested-With`, or Fetch Metadata. An `Accept` for everything passes for a browser.
 */
export function wantsPage(req: Request): boolean {
  if (!isNavigation(req) || isByScript(req)) return false;
  return (req.get("accept") ?? "").length <= MAX_ACCEPT && Boolean(req.accepts("html"));
}

/** Android's WebView puts the name of its app there, in navigations too: a browser's own word on those goes before that. */
function isByScript(req: Request): boolean {
  const by = req.get("x-requested-with");
  if (by === undefined) return false;
  return by.toLowerCase() === "xmlhttprequest" || req.get("sec-fetch-mode") !== "navigate";
}
