/** Detects browsers that do not send our cookies back: they were just given a session, and request the next page without one. */
import type { Request } from "express";
import type { Site } from "../site.js";
import { isWithoutCookie } from "./browser-state.js";

/** The pages whose forms start a session or a pending login. */
const STARTING_PAGES = ["/login", "/login/2fa", "/login/2fa/resync", "/login/recovery-code", "/confirm"];

/** Path and query of an address. Not by the URL parser, which is slow for long hosts. */
const ADDRESS = /^https?:\/\/[^/?#]*(\/[^?#]*)(?:\?([^#]*))?/;

/**
 * Whether a browser without a session cookie follows the redirect of such a form, by its `Referer`, which our pages' policy allows.
 * The pages of those forms link to guarded pages only for people with a session. A forged `Referer` only shows a notice.
 * @param except pages of these that also link here for people without a session
 */
export function isCookieLost(site: Site, req: Request, except: readonly string[] = []): boolean {
  if (!isWithoutCookie(req)) return false;
  // Over plain HTTP browsers send no Fetch Metadata.
  if (![undefined, "same-origin"].includes(req.get("sec-fetch-site"))) return false;
  const path = partsOf(req)?.path.replace(/\/$/, "").toLowerCase();
  return STARTING_PAGES.some((page) => !except.includes(page) && site.link(page).toLowerCase() === path);
}

/** The `next` of the page that the Referer names, unchecked. */
export function nextInReferer(req: Request): string | undefined {
  return new URLSearchParams(partsOf(req)?.query).get("next") ?? undefined;
}

function partsOf(req: Request): { path: string; query: string } | undefined {
  const [, path, query = ""] = ADDRESS.exec(req.get("referer") ?? "") ?? [];
  return path === undefined ? undefined : { path, query };
}
