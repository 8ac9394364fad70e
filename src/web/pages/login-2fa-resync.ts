/** GET, POST /login/2fa/resync — two codes in a row, for an app whose clock is off (only with RESYNC=on). */
import type { Request, RequestHandler, Response } from "express";
import { message } from "../catalogue/message.js";
import { pendingLoginOf } from "../guards.js";
import { parseForm, ResyncForm } from "../http/forms.js";
import { redirectBack } from "../http/redirect.js";
import { clientOf } from "../http/request.js";
import type { Problem } from "../render/page.js";
import type { Site } from "../site.js";
import { RECOVERY_CODE_IN_CODE_FIELD } from "../text/refusals.js";
import { sessionMessages, startSession } from "./after-sign-in.js";
import { answerRefusal, sendSecondStepPage } from "./second-step-answers.js";

export function login2faResyncPage(site: Site): Record<"show" | "submit", RequestHandler> {
  const { auth, config } = site;
  const show: RequestHandler = (req, res) => showForm(req, res);

  const submit: RequestHandler = async (req, res) => {
    const { otp, otp_next: otpNext } = parseForm(ResyncForm, req.body);
    const typed = { otp, otpNext };
    const result = await auth.completeLogin(pendingLoginOf(req), typed, clientOf(req, config), {
      sessionData: sessionMessages(site),
    });
    if (result.outcome !== "signed-in")
      return answerRefusal(site, res, result, NOT_A_CODE_PROBLEMS, (problem) => showForm(req, res, problem));
    await startSession(site, req, res, result);
    return redirectBack(site, res, result.next, "/");
  };

  function showForm(req: Request, res: Response, problem?: Problem): Promise<void> {
    return sendSecondStepPage(site, req, res, "login-2fa-resync", {
      title: message("two-codes-title"),
      problem,
    });
  }

  return { show, submit };
}

const NOT_TWO_CODES: Problem = {
  reason: "not-two-codes",
  text: message("two-codes-refused"),
  advice: message("two-codes-refused-advice"),
  field: "otp",
};

const NOT_A_CODE_PROBLEMS = { forThisField: NOT_TWO_CODES, forOtherField: RECOVERY_CODE_IN_CODE_FIELD };
