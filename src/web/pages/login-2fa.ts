/** GET, POST /login/2fa — the second factor: set up an authenticator, or type its code. */
import type { Request, RequestHandler, Response } from "express";
import type { Session } from "../../auth/index.js";
import { message } from "../catalogue/message.js";
import { pendingLoginOf } from "../guards.js";
import { CodeForm, parseForm } from "../http/forms.js";
import { redirect, redirectBack } from "../http/redirect.js";
import { clientOf } from "../http/request.js";
import { type Problem, sendPage } from "../render/page.js";
import { signInOf } from "../session/browser-state.js";
import type { Site } from "../site.js";
import { expiredPath, flash } from "../text/messages.js";
import { NOT_A_CODE, RECOVERY_CODE_IN_CODE_FIELD } from "../text/refusals.js";
import { LOCKED, lockView } from "../text/retry-after.js";
import { sessionMessages, startSession } from "./after-sign-in.js";
import { mayReadDemoCodes } from "./dev-authenticator.js";
import { CURRENT_CODES } from "./recovery-codes-current.js";
import { answerRefusal } from "./second-step-answers.js";
import { setUpLocals } from "./set-up.js";

export function login2faPage(site: Site): Record<"show" | "submit", RequestHandler> {
  const { auth, config } = site;
  const show: RequestHandler = (req, res) => showStep(req, res);

  const submit: RequestHandler = async (req, res) => {
    const state = signInOf(req);
    if (state.kind === "session") return answerRepeated(req, res, state);
    const { otp, trust_device } = parseForm(CodeForm, req.body);
    const options = { trustDevice: trust_device !== "", sessionData: sessionMessages(site) };
    const result = await auth.completeLogin(pendingLoginOf(req), { otp }, clientOf(req, config), options);
    if (result.outcome !== "signed-in")
      return answerRefusal(site, res, result, NOT_A_CODE_PROBLEMS, (problem) => showStep(req, res, problem));
    await startSession(site, req, res, result);
    return result.sheet ? redirect(site, res, CURRENT_CODES) : redirectBack(site, res, result.next, "/");
  };

  /** Answers the form that signed this browser in, sent again by a double press or a reload. */
  async function answerRepeated(req: Request, res: Response, session: Session): Promise<void> {
    if (auth.codesOnShow(session)) return redirect(site, res, CURRENT_CODES);
    flash(req, "info", message("signed-in-already"));
    return redirect(site, res, "/account");
  }

  async function showStep(req: Request, res: Response, problem?: Problem): Promise<void> {
    const login = pendingLoginOf(req);
    const step = await auth.secondStep(login, clientOf(req, config));
    if (step.step === "expired") return redirect(site, res, expiredPath(login));
    if (step.step === "link-needed")
      return sendPage(site, res, "login-2fa-link-needed", {
        title: message("link-needed-title"),
        username: login.username,
      });
    const locked = lockView(res, step.lock, auth.now());
    const shared = {
      problem: problem && locked ? LOCKED : problem,
      username: login.username,
      issuer: config.appName,
      locked,
      devAuthenticator: mayReadDemoCodes(site, req, login),
    };
    if (step.step === "code") {
      const { authenticators } = step;
      const trustFor = config.policy.trustedDevice;
      const { resync } = config.policy;
      const title = message("code-title");
      return sendPage(site, res, "login-2fa-code", { ...shared, title, authenticators, trustFor, resync });
    }
    sendPage(site, res, "login-2fa-set-up", {
      ...shared,
      ...setUpLocals(site, req, step.enrolment, problem),
      title: message("set-up-title"),
    });
  }

  return { show, submit };
}

const NOT_A_CODE_PROBLEMS = { forThisField: NOT_A_CODE, forOtherField: RECOVERY_CODE_IN_CODE_FIELD };
