/** POST /logout — ends the session or pending login on the server. */
import type { RequestHandler } from "express";
import { loginPath } from "./messages.js";
import { forgetCookie } from "./session.js";
import type { Site } from "./site.js";

export function logoutPage({ auth, config }: Site): { submit: RequestHandler } {
  const submit: RequestHandler = async (req, res) => {
    // A cookie that never was ours stands for nothing, and costs no write.
    if (req.session.signIn) await auth.signOut(req.sessionID);
    forgetCookie(res, config);
    res.redirect(303, loginPath("signed-out"));
  };
  return { submit };
}
