/** Whether a person goes to a page, as far as the browser tells (Fetch Metadata); else a script, an image or the like asks. */
import type { Request } from "express";

export function isNavigation(req: Request): boolean {
  return [undefined, "navigate"].includes(req.get("sec-fetch-mode"));
}
