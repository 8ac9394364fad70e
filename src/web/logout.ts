/** POST /logout — ends the session or pending login on the server. */
import type { RequestHandler } from "express";
import { loginPath } from "./messages.js";
import { endSession, signInOf } from "./session.js";
import type { Site } from "./site.js";

export function logoutPage({ auth, config }: Site): { submit: RequestHandler } {
  const submit: RequestHandler = async (req, res) => {
    // A code that overtook this request has made a session of the pending login: not over, so never said to be.
    const isPending = signInOf(req).kind === "pending";
    if (isPending && !(await auth.endSession(req.sessionID))) return res.redirect(303, "/");
    await endSession(req, res, config);
    res.redirect(303, loginPath("signed-out"));
  };
  return { submit };
}
