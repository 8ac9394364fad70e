/** GET, POST /account/password — changes the password; and the well-known URL by which password managers find that form. */
import type { Request, RequestHandler, Response } from "express";
import type { PasswordProblem, PasswordStrength } from "../../auth/index.js";
import { askToConfirm, sessionOf } from "../guards.js";
import { PasswordForm, parseForm } from "../http/forms.js";
import { redirect } from "../http/redirect.js";
import { clientOf } from "../http/request.js";
import { type Problem, sendPage } from "../render/page.js";
import { setKnownBrowserCookie } from "../session/cookies.js";
import type { Site } from "../site.js";
import { flash, OTHERS_SIGNED_OUT } from "../text/messages.js";
import { NUMBERS } from "../text/numbers.js";
import { tooManyTries } from "../text/retry-after.js";

export function passwordPage(site: Site): Record<"show" | "submit" | "wellKnown", RequestHandler> {
  const { auth, config } = site;
  const show: RequestHandler = (req, res) => showForm(req, res);

  const submit: RequestHandler = async (req, res) => {
    const { current_password: current, new_password: next } = parseForm(PasswordForm, req.body);
    const result = await auth.changePassword(sessionOf(req), { current, next }, clientOf(req, config));
    switch (result.outcome) {
      case "changed":
        setKnownBrowserCookie(req, res, config, result.knownBrowserCookie);
        flash(req, "success", `Your password is changed. ${STRENGTHS[result.strength]} ${OTHERS_SIGNED_OUT}`);
        return redirect(site, res, "/account");
      case "new-password-refused":
        return showForm(req, res.status(422), newPasswordProblem(result.problem));
      case "password-refused":
        return showForm(req, res.status(401), {
          reason: "wrong-password",
          text: "That is not your current password. Check capital letters, and type it again.",
          field: "current_password",
        });
      case "delayed":
        return showForm(req, res, tooManyTries(res, result.until, auth.now()));
      case "changed-elsewhere":
        flash(
          req,
          "info",
          "Your password was changed meanwhile, and not by this form. Sign in with the new one from now on.",
        );
        return redirect(site, res, "/account");
      case "confirm-again":
        return askToConfirm(site, req, res);
    }
  };

  function showForm(req: Request, res: Response, problem?: Problem): void {
    sendPage(site, res, "password", {
      title: "Change your password",
      problem,
      username: sessionOf(req).username,
    });
  }

  /** W3C, "A Well-Known URL for Changing Passwords". */
  const wellKnown: RequestHandler = (_req, res) => redirect(site, res, "/account/password");

  return { show, submit, wellKnown };
}

const STRENGTHS: Record<PasswordStrength, string> = {
  fair: "The new one will do; a longer one would be harder to guess.",
  good: "The new one is good.",
  strong: "The new one is strong.",
};

function newPasswordProblem(reason: PasswordProblem): Problem {
  return { reason, text: PROBLEMS[reason], field: "new_password" };
}

const BETTER = "Three or four words that have nothing to do with each other make a good one.";

const PROBLEMS: Record<PasswordProblem, string> = {
  "too-short": `The new password has fewer than ${NUMBERS.minPassword} characters. ${BETTER}`,
  "too-long": `The new password has more than ${NUMBERS.maxPassword} characters. Choose a shorter one.`,
  common: `That password is among the first that attackers try, or close to one of those. ${BETTER}`,
  name: `Your username, or the name of this site, makes up too much of that password. ${BETTER}`,
  keyboard: `Neighbouring keys are among the first that attackers try. ${BETTER}`,
  repeat: `The same thing repeated is quickly guessed. ${BETTER}`,
  sequence: `A sequence such as abcd or 1234 is quickly guessed. ${BETTER}`,
  date: `A date is quickly guessed. ${BETTER}`,
};
