/** Guards: what a request must prove before its handler runs. Each row of the URL table (routes.ts) names its own. */
import type { Request, RequestHandler, Response } from "express";
import { nameInAddress, type PendingLogin, type Session } from "../auth/index.js";
import { message } from "./catalogue/message.js";
import { notFound } from "./http/errors.js";
import { requestedPath, safeNext, safePath } from "./http/next.js";
import { redirect, redirectBack } from "./http/redirect.js";
import { isDirectLoopback, isNavigation } from "./http/request.js";
import { signInOf } from "./session/browser-state.js";
import { isCookieLost, nextInReferer } from "./session/lost-cookie.js";
import type { Site } from "./site.js";
import { confirmPath, expiredPath, flash, loginPath } from "./text/messages.js";

/** Makes the guards. A person who lacks what a guard requires is redirected to the page where they can prove it. */
export function createGuards(site: Site) {
  const { auth, config } = site;
  /** The page to go to afterwards: `next` of the form, else of the query; undefined if unsafe. */
  const wantedPage = (req: Request) => safeNext(req, req.body?.next ?? req.query.next, config);

  /** Requires no session; people with one go to the wanted page. A pending login may start again by POST; GET leads to its step. */
  const requireAnonymous: RequestHandler = async (req, res, next) => {
    const state = signInOf(req);
    const wanted = wantedPage(req);
    if (state.kind === "session") {
      if (req.method === "POST")
        flash(req, "info", message("already-signed-in", { username: state.username }));
      return redirectBack(site, res, wanted, "/");
    }
    if (state.kind === "pending" && req.method !== "POST") {
      // The page that was requested last is the one that the person looks at, so it replaces the earlier one.
      const isNew = wanted !== undefined && wanted !== state.next;
      if (isNew && isNavigation(req)) await auth.setNext(state, wanted);
      return redirect(site, res, "/login/2fa");
    }
    next();
  };

  /** Requires a session: both factors proved. */
  const requireSession: RequestHandler = async (req, res, next) => {
    const state = signInOf(req);
    if (state.kind === "session") return next();
    const isForm = req.method === "POST";
    if (state.kind === "pending") {
      if (isForm) flash(req, "warning", message("finish-first"));
      return redirect(site, res, "/login/2fa");
    }
    if (isForm) return redirect(site, res, loginPath("signed-out-here", wantedPage(req)));
    const notice = isCookieLost(site, req) ? "cookies-blocked" : "sign-in";
    // A `next` in the request is where the person goes: after a new sign-in, /confirm itself is not needed.
    return redirect(site, res, loginPath(notice, wantedPage(req) ?? requestedPath(req)));
  };

  /** Requires a pending login: the password is proved, the second factor is not. */
  const requirePendingLogin: RequestHandler = async (req, res, next) => {
    const state = signInOf(req);
    const isForm = req.method === "POST";
    if (state.kind === "pending") return next();
    if (state.kind === "session") {
      if (isForm) flash(req, "info", message("already-signed-in", { username: state.username }));
      return redirect(site, res, "/");
    }
    if (state.kind === "expired") return redirect(site, res, expiredPath(state));
    if (isForm) return redirect(site, res, loginPath("signed-out-here"));
    if (!isCookieLost(site, req)) return redirect(site, res, loginPath("sign-in"));
    return redirect(site, res, loginPath("cookies-blocked", safeNext(req, nextInReferer(req), config)));
  };

  /** Requires a session with a recent step-up: both factors proved again (ASVS 5.0 7.5.1). */
  const requireStepUp: RequestHandler = async (req, res, next) => {
    const state = signInOf(req);
    if (state.kind !== "session") return requireSession(req, res, next);
    if (state.steppedUp) return next();
    return askToConfirm(site, req, res);
  };

  /**
   * Requires a step-up, except for a form that was sent before: its handler is idempotent and only repeats the result. The inner
   * function has the guard's name, under which docs/pages.md lists it.
   */
  function requireStepUpUnless(wasSent: (req: Request) => Promise<boolean>): RequestHandler {
    const guard = requireStepUp;
    return async function requireStepUp(req, res, next) {
      return (await wasSent(req)) ? next() : guard(req, res, next);
    };
  }

  /**
   * For the form that completes a sign-in. A reload sends it again when the browser has its session; the handler answers that
   * too.
   */
  const requirePendingLoginOrSession: RequestHandler = (req, res, next) =>
    signInOf(req).kind === "session" ? next() : requirePendingLogin(req, res, next);

  return {
    requireAnonymous,
    requireSession,
    requirePendingLogin,
    requirePendingLoginOrSession,
    requireStepUp,
    requireStepUpUnless,
  };
}

/**
 * Redirects to /confirm, which leads back to this page. A form that was sent has changed nothing, and a message says so; the name
 * typed in it is filled in again (WCAG 2.2, 3.3.7), passwords and codes are not.
 */
export async function askToConfirm(site: Site, req: Request, res: Response): Promise<void> {
  if (req.method === "POST") {
    flash(req, "info", message("confirm-first"));
  }
  const wanted = requestedPath(req) ?? site.link("/account");
  await redirect(site, res, confirmPath(withTypedName(req, wanted)));
}

/** The path with the name that this form was sent with; without it if that makes the path too long. */
function withTypedName(req: Request, path: string): string {
  const name = nameInAddress(req.body?.name);
  if (name === "") return path;
  const query = new URLSearchParams({ name });
  return safePath(`${path}${path.includes("?") ? "&" : "?"}${query}`) ?? path;
}

/** Requires a request from this machine, without a proxy in between. All others get a 404, whatever the method. */
export const requireDirectLoopback: RequestHandler = (req, res, next) => {
  if (isDirectLoopback(req)) return next();
  notFound(req, res, next);
};

/** The request's pending login. @throws Error when the row lacks requirePendingLogin */
export function pendingLoginOf(req: Request): PendingLogin {
  const state = signInOf(req);
  if (state.kind !== "pending") throw new Error("This route lacks requirePendingLogin.");
  return state;
}

/** The request's session. @throws Error when the row lacks requireSession */
export function sessionOf(req: Request): Session {
  const state = signInOf(req);
  if (state.kind !== "session") throw new Error("This route lacks requireSession.");
  return state;
}
