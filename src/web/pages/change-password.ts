/** GET /.well-known/change-password — where password managers look for the form (W3C, "A Well-Known URL for Changing Passwords"). */
import type { RequestHandler } from "express";
import { redirect } from "../http/redirect.js";
import type { Site } from "../site.js";

export function changePasswordAddress(site: Site): Record<"show", RequestHandler> {
  return { show: (_req, res) => redirect(site, res, "/account/password") };
}
