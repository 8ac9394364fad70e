/** GET, POST /logout — a page with the sign-out button, so that apps can link to it; and signing out. */
import type { RequestHandler } from "express";
import { message } from "../catalogue/message.js";
import { LogoutForm, parseForm } from "../http/forms.js";
import { safeNext } from "../http/next.js";
import { redirectBack } from "../http/redirect.js";
import { clientOf } from "../http/request.js";
import { sendPage } from "../render/page.js";
import { sessionIdsOf, signInOf } from "../session/browser-state.js";
import { clearSessionCookie } from "../session/session.js";
import { revokeBrowser } from "../session/sign-out.js";
import type { Site } from "../site.js";
import { loginPath } from "../text/messages.js";

export function logoutPage(site: Site): Record<"show" | "submit", RequestHandler> {
  const { config } = site;
  /** Changes nothing: a link on another site, or a browser's prefetch, must not sign anybody out. */
  const show: RequestHandler = (req, res) => {
    const state = signInOf(req);
    const isIn = state.kind === "session" || state.kind === "pending";
    sendPage(site, res, "logout", {
      title: message(isIn ? "logout-title" : "logout-nobody-title"),
      username: isIn ? state.username : undefined,
      isHalfIn: state.kind === "pending",
      // The forward cookie signs nobody in here, so this page cannot tell whether it is still valid, and offers the button to all.
      hasApps: config.cookieDomain !== undefined,
      next: safeNext(req, req.query.next, config),
      current: "logout",
    });
  };

  const submit: RequestHandler = async (req, res) => {
    const form = parseForm(LogoutForm, req.body);
    const wanted = safeNext(req, form.next === "" ? req.query.next : form.next, config);
    await revokeBrowser(site, req, sessionIdsOf(req), clientOf(req, config));
    clearSessionCookie(res, config);
    // Starting again, perhaps as somebody else, does not change where the person wants to go.
    const state = signInOf(req);
    const next = state.kind === "pending" ? state.next : undefined;
    // A pending login was not signed in: the notice says that it was cancelled.
    const wasIn = state.kind !== "pending" && state.kind !== "expired";
    return redirectBack(site, res, wanted, loginPath(wasIn ? "signed-out" : "start-again", next));
  };

  return { show, submit };
}
