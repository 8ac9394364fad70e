/** Cookies that do not come back: a browser that was just given a session, and arrives at the next page without one. */
import type { Request } from "express";
import { linkTo } from "./redirect.js";
import { isWithoutCookie } from "./session.js";

/** The pages whose forms give a browser a session, pending or not. */
const GIVING = ["/login", "/login/2fa", "/login/2fa/resync", "/login/recovery-code", "/confirm"];

/** Origin, path and query of an address, without the parser of addresses: a header of any length is read in one pass. */
const ADDRESS = /^https?:\/\/[^/?#]*(\/[^?#]*)(?:\?([^#]*))?/;

/**
 * Whether a browser without any cookie of ours follows the redirect of such a form: our pages' policy lets the `Referer` tell.
 * None of those forms' pages links to a page behind the guards, but to a person with a session. What others put there brings up
 * a notice, and opens nothing.
 * @param except pages that lead to this one without a sign-in, too
 */
export function isCookieLost(req: Request, except: readonly string[] = []): boolean {
  if (!isWithoutCookie(req)) return false;
  // Over plain HTTP browsers send no Fetch Metadata.
  if (![undefined, "same-origin"].includes(req.get("sec-fetch-site"))) return false;
  const path = partsOf(req)?.path.replace(/\/$/, "").toLowerCase();
  return GIVING.some((page) => !except.includes(page) && linkTo(req, page).toLowerCase() === path);
}

/** What the address of that form's page names as the page to lead on to; to be judged like any other. */
export function wantedBefore(req: Request): string | undefined {
  return new URLSearchParams(partsOf(req)?.query).get("next") ?? undefined;
}

function partsOf(req: Request): { path: string; query: string } | undefined {
  const [, path, query = ""] = ADDRESS.exec(req.get("referer") ?? "") ?? [];
  return path === undefined ? undefined : { path, query };
}
