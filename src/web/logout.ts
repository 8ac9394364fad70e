/** GET, POST /logout — a page with the button, so that apps can link to it; and what the button does. */
import type { RequestHandler } from "express";
import { clientOf } from "./client.js";
import { LogoutForm, parse } from "./forms.js";
import { forwardTokensIn } from "./forward-cookie.js";
import { loginPath } from "./messages.js";
import { safeNext } from "./next.js";
import { page } from "./pages.js";
import { leadOn } from "./redirect.js";
import { forgetCookie, sessionIdsOf, signInOf } from "./session.js";
import type { Site } from "./site.js";

export function logoutPage({ auth, config }: Site): { show: RequestHandler; submit: RequestHandler } {
  /** Changes nothing: whoever follows a link of another site's, or is sent ahead by a browser, is signed in as before. */
  const show: RequestHandler = (req, res) => {
    const state = signInOf(req);
    const isIn = state.kind === "session" || state.kind === "pending";
    page(res, "logout", {
      title: isIn ? "Sign out" : "You are not signed in",
      username: isIn ? state.username : undefined,
      isHalfIn: state.kind === "pending",
      // The apps' cookie opens no page, so this one cannot say whether it is still good: everybody is offered to end it.
      hasApps: config.cookieDomain !== undefined,
      next: safeNext(req, req.query.next, config),
      current: "logout",
    });
  };

  const submit: RequestHandler = async (req, res) => {
    const form = parse(LogoutForm, req.body);
    const wanted = safeNext(req, form.next === "" ? req.query.next : form.next, config);
    const client = clientOf(req, config);
    // All that the browser's cookies stand for: of each a copy may be elsewhere. One that we have not signed costs no read.
    for (const id of sessionIdsOf(req)) await auth.signOut(id, client);
    for (const token of forwardTokensIn(req, config)) await auth.signOutForwarded(token, client);
    forgetCookie(res, config);
    // Whoever starts again, after a pause or as somebody else, still wants to go where they wanted to go.
    const state = signInOf(req);
    const next = state.kind === "pending" ? state.next : undefined;
    // Whoever has only begun was never in.
    const wasIn = state.kind !== "pending" && state.kind !== "expired";
    return leadOn(req, res, wanted, loginPath(wasIn ? "signed-out" : "start-again", next));
  };

  return { show, submit };
}
