/** POST /logout — ends the session or pending login on the server. */
import type { RequestHandler } from "express";
import { loginPath } from "./messages.js";
import { redirectTo } from "./redirect.js";
import { browserOf, forgetCookie, signInOf } from "./session.js";
import type { Site } from "./site.js";

export function logoutPage({ auth, config }: Site): { submit: RequestHandler } {
  const submit: RequestHandler = async (req, res) => {
    // A cookie that never was ours stands for nothing, and costs no write.
    const browser = browserOf(req);
    if (browser.session?.signIn) await auth.signOut(browser.sessionID);
    forgetCookie(res, config);
    // Whoever starts again, after a pause or as somebody else, still wants to go where they wanted to go.
    const state = signInOf(req);
    const next = state.kind === "pending" ? state.next : undefined;
    // Whoever has only begun was never in.
    const wasIn = state.kind !== "pending" && state.kind !== "expired";
    return redirectTo(req, res, loginPath(wasIn ? "signed-out" : "start-again", next));
  };
  return { submit };
}
