/** Guards: each row of the URL table names its own, and a handler runs only behind them. */
import type { Request, RequestHandler, Response } from "express";
import type { PendingLogin, Session } from "../auth/index.js";
import { isDirectLoopback } from "./http/client.js";
import { notFound } from "./http/errors.js";
import { isNavigation } from "./http/navigation.js";
import { safeHere, safeNext } from "./http/next.js";
import { redirect, redirectBack } from "./http/redirect.js";
import { signInOf } from "./session/browser-state.js";
import { isCookieLost, wantedBefore } from "./session/lost-cookie.js";
import type { Site } from "./site.js";
import { confirmPath, flash, loginPath, NOT_DONE } from "./text/messages.js";

/** The guards that know where people may be led. */
export function createGuards(site: Site) {
  const { auth, config } = site;
  /** Where the person wants to go, by the form or by the address. */
  const wantedIn = (req: Request) => safeNext(req, req.body?.next ?? req.query.next, config);

  /** Signed in already: on to where one wanted to go. A pending login may begin anew, but is shown its next step first. */
  const requireAnonymous: RequestHandler = async (req, res, next) => {
    const state = signInOf(req);
    const wanted = wantedIn(req);
    if (state.kind === "session") {
      if (req.method === "POST") flash(req, "info", `You are already signed in as ${state.username}.`);
      return redirectBack(site, res, wanted, "/");
    }
    if (state.kind === "pending" && req.method !== "POST") {
      // The page that was gone to last is the one that the person looks at.
      const isNew = wanted !== undefined && wanted !== state.next;
      if (isNew && isNavigation(req)) await auth.setNext(state, wanted);
      return redirect(site, res, "/login/2fa");
    }
    next();
  };

  /** Requires a session: both factors. */
  const requireSession: RequestHandler = async (req, res, next) => {
    const state = signInOf(req);
    if (state.kind === "session") return next();
    const isForm = req.method === "POST";
    if (state.kind === "pending") {
      if (isForm)
        flash(req, "warning", "What you sent was not carried out. Finish signing in, then try again.");
      return redirect(site, res, "/login/2fa");
    }
    // What leads on leads there at once: whoever has just signed in need not confirm that, too.
    const here = isForm ? undefined : safeHere(req);
    const notice = isForm ? NOT_DONE : isCookieLost(site, req) ? "cookies-blocked" : "sign-in";
    return redirect(site, res, loginPath(notice, wantedIn(req) ?? here));
  };

  /** Requires a pending login: the password is proved, the second factor is not. */
  const requirePendingLogin: RequestHandler = async (req, res, next) => {
    const state = signInOf(req);
    const isForm = req.method === "POST";
    if (state.kind === "pending") return next();
    if (state.kind === "session") {
      if (isForm) flash(req, "info", `You are already signed in as ${state.username}.`);
      return redirect(site, res, "/");
    }
    if (state.kind === "expired") return redirect(site, res, loginPath("expired"));
    if (isForm) return redirect(site, res, loginPath(NOT_DONE));
    if (!isCookieLost(site, req)) return redirect(site, res, loginPath("sign-in"));
    return redirect(site, res, loginPath("cookies-blocked", safeNext(req, wantedBefore(req), config)));
  };

  /** Requires a step-up: both factors proved lately (ASVS 5.0 7.5.1). */
  const requireStepUp: RequestHandler = async (req, res, next) => {
    const state = signInOf(req);
    if (state.kind !== "session") return requireSession(req, res, next);
    if (state.steppedUp) return next();
    return askToConfirm(site, req, res);
  };

  /** The same, but for a form that was sent before: its handler only repeats what came of it. */
  function requireStepUpUnless(wasSent: (req: Request) => Promise<boolean>): RequestHandler {
    const guard = requireStepUp;
    return async function requireStepUp(req, res, next) {
      return (await wasSent(req)) ? next() : guard(req, res, next);
    };
  }

  /** For a form whose answer may be loaded again after it has signed the browser in: its handler answers that. */
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

/** Leads over /confirm back to the page of this request; a form that was sent has done nothing. */
export async function askToConfirm(site: Site, req: Request, res: Response): Promise<void> {
  if (req.method === "POST") {
    flash(req, "info", "The form was not carried out. Confirm that it is you, then look at it again.");
  }
  const wanted = safeHere(req) ?? site.link("/account");
  await redirect(site, res, confirmPath(wanted));
}

/** Nobody's proxy between, and this machine at both ends. To all others there is no such page, whatever the method. */
export const requireDirectLoopback: RequestHandler = (req, res, next) => {
  if (isDirectLoopback(req)) return next();
  notFound(req, res, next);
};

/** For handlers whose row has the guard. */
export function pendingLoginOf(req: Request): PendingLogin {
  const state = signInOf(req);
  if (state.kind !== "pending") throw new Error("This route lacks requirePendingLogin.");
  return state;
}

/** For handlers whose row has the guard. */
export function sessionOf(req: Request): Session {
  const state = signInOf(req);
  if (state.kind !== "session") throw new Error("This route lacks requireSession.");
  return state;
}
