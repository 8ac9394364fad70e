/**
 * Redirects (303) to a page of ours, wherever Latchkey is mounted, or to the page that the person wanted.
 * Tests: test/security/open-redirect.test.ts
 */
import type { Response } from "express";
import { saveFlash } from "../session/session.js";
import type { Site } from "../site.js";

/** Redirects to a page of ours. */
export function redirect(site: Site, res: Response, path: string): Promise<void> {
  return redirectBack(site, res, undefined, path);
}

/**
 * Redirects to where the person wanted to go, or else to a page of ours.
 * @param wanted must have passed next.ts; undefined if there is none
 */
export async function redirectBack(
  site: Site,
  res: Response,
  wanted: string | undefined,
  fallback: string,
): Promise<void> {
  await saveFlash(res.req);
  // Not res.redirect: it parses an Accept header of any length, to choose between two bodies that nobody sees.
  res
    .status(303)
    .location(wanted ?? site.link(fallback))
    .end();
}
