/**
 * Whether the request is a navigation by a person, by Fetch Metadata; otherwise it is from a script, a program, an image or the
 * like.
 */
import type { Request } from "express";

/** How browsers mark a prefetch, which nobody may ever see. */
const SPECULATIVE = ["sec-purpose", "purpose", "x-purpose", "x-moz"];

/**
 * Whether a person will see the answer, as far as the request tells. Over plain HTTP browsers send no Fetch Metadata; there
 * `Accept` tells a page from an image or a script's request.
 */
export function isSeen(req: Request): boolean {
  if (req.method === "HEAD" || !isNavigation(req)) return false;
  if (SPECULATIVE.some((name) => /prefetch|prerender|preview/i.test(req.get(name) ?? ""))) return false;
  return req.get("sec-fetch-mode") !== undefined || req.get("accept")?.includes("text/html") !== false;
}

export function isNavigation(req: Request): boolean {
  return [undefined, "navigate"].includes(req.get("sec-fetch-mode"));
}

/** Much longer than any browser's Accept header. */
const MAX_ACCEPT = 1_000;

/**
 * Whether the sender can use a page. Programs cannot, and would follow a redirect to one: they are recognised by an `Accept` that
 * rules HTML out, by `X-Requested-With`, or by Fetch Metadata. An `Accept` for everything passes for a browser.
 */
export function wantsPage(req: Request): boolean {
  if (!isNavigation(req) || isByScript(req)) return false;
  return (req.get("accept") ?? "").length <= MAX_ACCEPT && Boolean(req.accepts("html"));
}

/** Android's WebView sends its app's name there, in navigations too, so Fetch Metadata goes first. */
function isByScript(req: Request): boolean {
  const by = req.get("x-requested-with");
  if (by === undefined) return false;
  return by.toLowerCase() === "xmlhttprequest" || req.get("sec-fetch-mode") !== "navigate";
}
