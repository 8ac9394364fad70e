/** GET, POST /confirm — step-up: proves both factors again before a sensitive change. */
import type { Request, RequestHandler, Response } from "express";
import { asksPassword } from "../../auth/index.js";
import { message } from "../catalogue/message.js";
import { sessionOf } from "../guards.js";
import { ConfirmForm, parseForm } from "../http/forms.js";
import { safeNext } from "../http/next.js";
import { redirect, redirectBack } from "../http/redirect.js";
import { clientOf } from "../http/request.js";
import { type Problem, sendPage } from "../render/page.js";
import { setKnownBrowserCookie } from "../session/cookies.js";
import { adoptSession } from "../session/session.js";
import type { Site } from "../site.js";
import { flash, loginPath } from "../text/messages.js";
import {
  CODE_IN_RECOVERY_FIELD_AT_CONFIRM,
  NOT_A_CODE,
  NOT_A_RECOVERY_CODE,
  RECOVERY_CODE_IN_CODE_FIELD_AT_CONFIRM,
  refusalProblem,
} from "../text/refusals.js";
import { LOCKED, lockView, tooManyTries } from "../text/retry-after.js";
import { codeUsed } from "./after-sign-in.js";
import { mayReadDemoCodes } from "./dev-authenticator.js";

export function confirmPage(site: Site): Record<"show" | "submit", RequestHandler> {
  const { auth, config } = site;
  const show: RequestHandler = (req, res) => {
    const passwordUntil = auth.passwordAcceptedUntil(sessionOf(req));
    return showForm(req, res, { next: safeNext(req, req.query.next, config), passwordUntil });
  };

  const submit: RequestHandler = async (req, res) => {
    const form = parseForm(ConfirmForm, req.body);
    const next = safeNext(req, form.next, config);
    const withRecoveryCode = form.otp === "" && form.recovery_code !== "";
    const secondFactor = withRecoveryCode ? { recoveryCode: form.recovery_code } : { otp: form.otp };
    const proof = { password: form.password, secondFactor };
    const result = await auth.stepUp(sessionOf(req), proof, clientOf(req, config));
    const asked = { next, passwordUntil: "passwordUntil" in result ? result.passwordUntil : undefined };
    switch (result.outcome) {
      case "confirmed":
        await adoptSession(site, req, res, result.session);
        setKnownBrowserCookie(req, res, config, result.knownBrowserCookie);
        if (result.recoveryCode) flash(req, "info", codeUsed(result.recoveryCode));
        return redirectBack(site, res, next, "/account");
      case "not-a-code":
        return showForm(
          req,
          res.status(401),
          asked,
          notACodeProblem(withRecoveryCode, result.isForOtherField),
        );
      case "password-refused":
        return showForm(req, res.status(401), asked, WRONG_PASSWORD);
      case "password-missing":
        return showForm(req, res.status(401), asked, NO_PASSWORD);
      case "code-refused":
      case "recovery-code-refused":
        return showForm(req, res.status(401), asked, refusalProblem(result, auth.now()));
      case "delayed":
        return showForm(req, res, asked, tooManyTries(res, result.until, auth.now()));
      case "locked":
        return showForm(req, res.status(429), asked, LOCKED);
      case "expired":
        return redirect(site, res, loginPath("signed-out-here", next));
    }
  };

  async function showForm(req: Request, res: Response, asked: Asked, problem?: Problem): Promise<void> {
    const session = sessionOf(req);
    const { next, passwordUntil } = asked;
    const lock = await auth.lockoutFor(session, clientOf(req, config));
    const locked = lockView(res, lock, auth.now());
    const forAccount = next === undefined || isAccountPage(site, next);
    sendPage(site, res, "confirm", {
      title: message("confirm-title"),
      problem: problem && locked ? LOCKED : problem,
      next,
      forAccount,
      asksPassword: asksPassword(session),
      passwordUntil: passwordUntil === undefined ? undefined : new Date(passwordUntil),
      // A recent step-up by recovery code was not enough for the app: it may accept only codes from an authenticator.
      codeWanted: !forAccount && session.steppedUp && session.methods.includes("recovery-code"),
      username: session.username,
      lasts: config.policy.stepUp,
      locked,
      devAuthenticator: mayReadDemoCodes(site, req, session),
    });
  }

  return { show, submit };
}

/** What the form asks for. */
interface Asked {
  /** Where it leads. */
  next: string | undefined;
  /** Until when it asks for the code alone, in Unix milliseconds. */
  passwordUntil: number | undefined;
}

const WRONG_PASSWORD: Problem = {
  reason: "wrong-password",
  text: message("confirm-wrong-password"),
  advice: message("confirm-wrong-password-advice"),
  field: "password",
};

/** Left empty, or sent from a page that did not ask for it and was open for too long. */
const NO_PASSWORD: Problem = {
  reason: "wrong-password",
  text: message("confirm-no-password"),
  advice: message("confirm-no-password-advice"),
  field: "password",
};

/** There are two fields: puts the problem at the one that accepts what was typed. */
function notACodeProblem(inRecoveryField: boolean, isOther: boolean): Problem {
  if (isOther)
    return inRecoveryField ? CODE_IN_RECOVERY_FIELD_AT_CONFIRM : RECOVERY_CODE_IN_CODE_FIELD_AT_CONFIRM;
  return inRecoveryField ? NOT_A_RECOVERY_CODE : NOT_A_CODE;
}

/** Whether `next` is a change to the account here, and not a page of an app that requires a step-up. */
function isAccountPage(site: Site, next: string): boolean {
  const [path] = next.split(/[?#]/, 1);
  const account = site.link("/account");
  return path === account || next.startsWith(`${account}/`);
}
