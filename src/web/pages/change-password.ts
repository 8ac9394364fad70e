/** GET /.well-known/change-password — where password managers look for the form (W3C, "A Well-Known URL for Changing Passwords"). */
import type { RequestHandler } from "express";
import { redirect } from "../http/redirect.js";

export const changePasswordAddress: RequestHandler = (req, res) => redirect(req, res, "/account/password");
