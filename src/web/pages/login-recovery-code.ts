/** GET, POST /login/recovery-code — the second factor when the authenticator is lost: one code from the sheet. */
import type { Request, RequestHandler, Response } from "express";
import { pendingLoginOf } from "../guards.js";
import { parse, RecoveryCodeForm } from "../http/forms.js";
import { redirect } from "../http/redirect.js";
import { clientOf } from "../http/request.js";
import type { Problem } from "../render/page.js";
import type { Site } from "../site.js";
import { CODE_FOR_RECOVERY_CODE, NOT_A_RECOVERY_CODE } from "../text/refusals.js";
import { answerRefusal, secondStepPage } from "./second-step.js";
import { sessionMessages, startSession } from "./sign-in.js";

export function loginRecoveryCodePage(site: Site): Record<"show" | "submit", RequestHandler> {
  const { auth, config } = site;
  const show: RequestHandler = (req, res) => showForm(req, res);

  const submit: RequestHandler = async (req, res) => {
    const { recovery_code: recoveryCode } = parse(RecoveryCodeForm, req.body);
    const client = clientOf(req, config);
    const result = await auth.completeLogin(pendingLoginOf(req), { recoveryCode }, client, {
      sessionData: sessionMessages,
    });
    if (result.outcome !== "signed-in")
      return answerRefusal(site, res, result, NOT_CODES, (problem) => showForm(req, res, problem));
    await startSession(site, req, res, result);
    // Home first: it offers to set up a new authenticator at once, and leads on from there.
    return redirect(site, res, result.next ? `/?next=${encodeURIComponent(result.next)}` : "/");
  };

  function showForm(req: Request, res: Response, problem?: Problem): Promise<void> {
    return secondStepPage(site, req, res, "login-recovery-code", { title: "Use a recovery code", problem });
  }

  return { show, submit };
}

const NOT_CODES = { own: NOT_A_RECOVERY_CODE, other: CODE_FOR_RECOVERY_CODE };
