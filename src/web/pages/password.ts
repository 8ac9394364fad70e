/** GET, POST /account/password — changes the password; and the well-known URL by which password managers find that form. */
import type { Request, RequestHandler, Response } from "express";
import type { PasswordProblem, PasswordStrength } from "../../auth/index.js";
import { type Message, message } from "../catalogue/message.js";
import { askToConfirm, sessionOf } from "../guards.js";
import { notFound } from "../http/errors.js";
import { PasswordForm, parseForm } from "../http/forms.js";
import { redirect, redirectBack } from "../http/redirect.js";
import { clientOf } from "../http/request.js";
import { type Problem, sendPage } from "../render/page.js";
import { signInOf } from "../session/browser-state.js";
import { setKnownBrowserCookie } from "../session/cookies.js";
import type { Site } from "../site.js";
import { flash } from "../text/messages.js";
import { tooManyTries } from "../text/retry-after.js";

type Handlers = Record<"show" | "submit" | "wellKnown" | "leave" | "requireOwnPassword", RequestHandler>;

export function passwordPage(site: Site): Handlers {
  const { auth, config, host } = site;
  /** Requires a password of Latchkey's own where somebody is signed in: people of the host app have none to change here. */
  const requireOwnPassword: RequestHandler = (req, res, next) => {
    const state = signInOf(req);
    const isHosts = state.kind === "session" && !state.hasPassword;
    (isHosts ? notFound : pass)(req, res, next);
  };

  const show: RequestHandler = (req, res) => showForm(req, res);

  const submit: RequestHandler = async (req, res) => {
    const { current_password: current, new_password: next } = parseForm(PasswordForm, req.body);
    const result = await auth.changePassword(sessionOf(req), { current, next }, clientOf(req, config));
    switch (result.outcome) {
      case "changed":
        setKnownBrowserCookie(req, res, config, result.knownBrowserCookie);
        flash(req, "success", CHANGED[result.strength]);
        return redirect(site, res, "/account");
      case "new-password-refused":
        return showForm(req, res.status(422), newPasswordProblem(result.problem));
      case "password-refused":
        return showForm(req, res.status(401), WRONG_PASSWORD);
      case "delayed":
        return showForm(req, res, tooManyTries(res, result.until, auth.now()));
      case "changed-elsewhere":
        flash(req, "info", message("password-changed-elsewhere"));
        return redirect(site, res, "/account");
      case "confirm-again":
        return askToConfirm(site, req, res);
    }
  };

  function showForm(req: Request, res: Response, problem?: Problem): void {
    sendPage(site, res, "password", {
      title: message("password-title"),
      problem,
      username: sessionOf(req).username,
    });
  }

  /** W3C, "A Well-Known URL for Changing Passwords". */
  const wellKnown: RequestHandler = (_req, res) => redirect(site, res, "/account/password");

  /** Leads to the page of the host app that checks passwords. */
  const leave: RequestHandler = (_req, res) => redirectBack(site, res, host.changePasswordUrl, "/account");

  return { show, submit, wellKnown, leave, requireOwnPassword };
}

const pass: RequestHandler = (_req, _res, next) => next();

const CHANGED: Record<PasswordStrength, Message> = {
  fair: message("password-changed-fair"),
  good: message("password-changed-good"),
  strong: message("password-changed-strong"),
};

const WRONG_PASSWORD: Problem = {
  reason: "wrong-password",
  text: message("password-wrong"),
  advice: message("password-wrong-advice"),
  field: "current_password",
};

/** Why a new password was refused, at the field `new_password`. */
export function newPasswordProblem(reason: PasswordProblem): Problem {
  const advice = message(reason === "too-long" ? "password-too-long-advice" : "password-better");
  return { reason, text: PROBLEMS[reason], advice, field: "new_password" };
}

const PROBLEMS: Record<PasswordProblem, Message> = {
  "too-short": message("password-too-short"),
  "too-long": message("password-too-long"),
  common: message("password-common"),
  name: message("password-own-name"),
  keyboard: message("password-keyboard"),
  repeat: message("password-repeat"),
  sequence: message("password-sequence"),
  date: message("password-date"),
};
