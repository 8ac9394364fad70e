/** Whether a person goes to a page, as far as the browser tells (Fetch Metadata); else a script, an image or the like asks. */
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
