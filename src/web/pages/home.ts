/** GET / — what this is, and the next step; signed in, how safe the account is, and the ways back in. */
import type { RequestHandler } from "express";
import { message } from "../catalogue/message.js";
import { safeNext } from "../http/next.js";
import { redirect } from "../http/redirect.js";
import { sendPage } from "../render/page.js";
import { requestIndependent } from "../render/page-cache.js";
import { signInOf } from "../session/browser-state.js";
import { isCookieLost } from "../session/lost-cookie.js";
import type { Site } from "../site.js";
import { loginPath } from "../text/messages.js";
import { standingOf } from "./standing.js";

export function homePage(site: Site): Record<"show", RequestHandler> {
  const { auth, config } = site;
  const anonymousLocals = requestIndependent({ title: message("home-title") });
  const show: RequestHandler = async (req, res) => {
    const state = signInOf(req);
    if (state.kind !== "session") {
      // Not after /login: its header links here for people without a session.
      const isLost = state.kind === "anonymous" && isCookieLost(site, req, ["/login"]);
      if (isLost) return redirect(site, res, loginPath("cookies-blocked"));
      return sendPage(site, res, "home", anonymousLocals);
    }
    const ways = await auth.waysBackIn(state);
    const next = safeNext(req, req.query.next, config);
    const standing = standingOf(state, ways);
    sendPage(site, res, "home", { title: message("home-in-title"), ...ways, next, standing });
  };
  return { show };
}
