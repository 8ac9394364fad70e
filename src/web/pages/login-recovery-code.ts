/** GET, POST /login/recovery-code — the second factor when the authenticator is lost: one recovery code. */
import type { Request, RequestHandler, Response } from "express";
import { message } from "../catalogue/message.js";
import { pendingLoginOf } from "../guards.js";
import { parseForm, RecoveryCodeForm } from "../http/forms.js";
import { redirect } from "../http/redirect.js";
import { clientOf } from "../http/request.js";
import type { Problem } from "../render/page.js";
import type { Site } from "../site.js";
import { CODE_IN_RECOVERY_FIELD, NOT_A_RECOVERY_CODE } from "../text/refusals.js";
import { sessionMessages, startSession } from "./after-sign-in.js";
import { answerRefusal, sendSecondStepPage } from "./second-step-answers.js";

export function loginRecoveryCodePage(site: Site): Record<"show" | "submit", RequestHandler> {
  const { auth, config } = site;
  const show: RequestHandler = (req, res) => showForm(req, res);

  const submit: RequestHandler = async (req, res) => {
    const { recovery_code: recoveryCode } = parseForm(RecoveryCodeForm, req.body);
    const client = clientOf(req, config);
    const result = await auth.completeLogin(pendingLoginOf(req), { recoveryCode }, client, {
      sessionData: sessionMessages(site),
    });
    if (result.outcome !== "signed-in")
      return answerRefusal(site, res, result, NOT_A_CODE_PROBLEMS, (problem) => showForm(req, res, problem));
    await startSession(site, req, res, result);
    // Home first: it offers to set up a new authenticator at once, and leads on from there.
    return redirect(site, res, result.next ? `/?next=${encodeURIComponent(result.next)}` : "/");
  };

  function showForm(req: Request, res: Response, problem?: Problem): Promise<void> {
    return sendSecondStepPage(site, req, res, "login-recovery-code", {
      title: message("recovery-title"),
      problem,
    });
  }

  return { show, submit };
}

const NOT_A_CODE_PROBLEMS = { forThisField: NOT_A_RECOVERY_CODE, forOtherField: CODE_IN_RECOVERY_FIELD };
