/** Where a request leads to next: a page of ours, wherever Latchkey is mounted, or the page that the person wanted. */
import type { Request, Response } from "express";
import { saveFlash } from "../session/session.js";

/** The address of a page of ours. */
export function linkTo(req: Request, path: string): string {
  return req.app.locals.link(path);
}

/** Leads to a page of ours. */
export function redirect(req: Request, res: Response, path: string): Promise<void> {
  return redirectBack(req, res, undefined, path);
}

/** Leads to where the person wanted to go, else to a page of ours. */
export async function redirectBack(
  req: Request,
  res: Response,
  wanted: string | undefined,
  otherwise: string,
): Promise<void> {
  await saveFlash(req);
  // Not res.redirect, which parses an Accept header of any length to choose between two bodies that nobody sees.
  res
    .status(303)
    .location(wanted ?? linkTo(req, otherwise))
    .end();
}
