/** GET /.well-known/change-password — where password managers look for the form (W3C, "A Well-Known URL for Changing Passwords"). */
import type { RequestHandler } from "express";

export const changePasswordAddress: RequestHandler = (_req, res) => res.redirect(303, "/account/password");
