/** GET, POST /logout — a page with the button, so that apps can link to it; and what the button does. */
import type { Request, RequestHandler } from "express";
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
  const show: RequestHandler = async (req, res) => {
    const next = safeNext(req, req.query.next, config);
    const username = await auth.withDeadline(() => whoSignsOut(req));
    const isHalfIn = signInOf(req).kind === "pending";
    page(res, "logout", {
      title: username === undefined ? "Nobody is signed in" : "Sign out",
      username,
      isHalfIn,
      current: "logout",
      next,
    });
  };

  /** By whichever cookie: an app's link to this page must not say that nobody is signed in to whom the app is still open. */
  async function whoSignsOut(req: Request): Promise<string | undefined> {
    const state = signInOf(req);
    if (state.kind === "session" || state.kind === "pending") return state.username;
    for (const token of forwardTokensIn(req, config)) {
      const session = await auth.findForwarded(token);
      if (session) return session.username;
    }
    return undefined;
  }

  const submit: RequestHandler = async (req, res) => {
    const form = parse(LogoutForm, req.body);
    const wanted = safeNext(req, form.next === "" ? req.query.next : form.next, config);
    // All that the browser's cookies stand for: of each a copy may be elsewhere. One that we have not signed costs no read.
    for (const id of sessionIdsOf(req)) await auth.signOut(id);
    for (const token of forwardTokensIn(req, config)) await auth.signOutForwarded(token);
    forgetCookie(res, config);
    // Whoever starts again, after a pause or as somebody else, still wants to go where they wanted to go.
    const state = signInOf(req);
    const next = state.kind === "pending" ? state.next : undefined;
    return leadOn(req, res, wanted, loginPath("signed-out", next));
  };

  return { show, submit };
}
