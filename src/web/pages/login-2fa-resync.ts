/** GET, POST /login/2fa/resync — two codes in a row, for an app whose clock is off (only with RESYNC=on). */
import type { Request, RequestHandler, Response } from "express";
import { pendingLoginOf } from "../guards.js";
import { clientOf } from "../http/client.js";
import { parse, ResyncForm } from "../http/forms.js";
import { redirect, redirectBack } from "../http/redirect.js";
import type { Problem } from "../render/page.js";
import type { Site } from "../site.js";
import { LOCKED } from "../text/lock.js";
import { loginPath } from "../text/messages.js";
import { RECOVERY_CODE_FOR_CODE, refusalProblem } from "../text/refusals.js";
import { secondStepPage } from "./second-step.js";
import { sessionMessages, startSession } from "./sign-in.js";

export function login2faResyncPage(site: Site): { show: RequestHandler; submit: RequestHandler } {
  const { auth, config } = site;
  const show: RequestHandler = (req, res) => showForm(req, res);

  const submit: RequestHandler = async (req, res) => {
    const { otp, otp_next: otpNext } = parse(ResyncForm, req.body);
    const typed = { otp, otpNext };
    const result = await auth.completeLogin(pendingLoginOf(req), typed, clientOf(req, config), {
      keep: sessionMessages,
    });
    switch (result.outcome) {
      case "signed-in":
        await startSession(site, req, res, result);
        return redirectBack(req, res, result.next, "/");
      case "not-a-code":
        return showForm(req, res.status(401), result.isOther ? RECOVERY_CODE_FOR_CODE : NOT_TWO_CODES);
      case "code-refused":
      case "recovery-code-refused":
        return showForm(req, res.status(401), refusalProblem(result, auth.now()));
      case "locked":
        return showForm(req, res.status(429), LOCKED);
      case "expired":
        return redirect(req, res, loginPath("expired"));
    }
  };

  function showForm(req: Request, res: Response, problem?: Problem): Promise<void> {
    return secondStepPage(site, req, res, "login-2fa-resync", { title: "Enter two codes in a row", problem });
  }

  return { show, submit };
}

const NOT_TWO_CODES: Problem = {
  text: "Both codes are six digits.",
  advice: "Type the one that your app shows, and the one after it; nothing was counted against you.",
  field: "otp",
};
