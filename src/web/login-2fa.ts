/** GET, POST /login/2fa — the second factor: set up an authenticator, or type its code. */
import type { Request, RequestHandler, Response } from "express";
import type { CodeRefusal, SecondFactorLock } from "../auth/index.js";
import { authenticatorApps } from "./authenticator-apps.js";
import { clientOf } from "./client.js";
import { CodeForm, parse } from "./forms.js";
import { pendingLoginOf } from "./guards.js";
import { flash, loginPath } from "./messages.js";
import { type Problem, page } from "./pages.js";
import { drawQr } from "./qr.js";
import { adoptSession, redirectTo } from "./session.js";
import type { Site } from "./site.js";

export function login2faPage({ auth, config }: Site): { show: RequestHandler; submit: RequestHandler } {
  const show: RequestHandler = (req, res) => showStep(req, res);

  const submit: RequestHandler = async (req, res) => {
    const { otp } = parse(CodeForm, req.body);
    const result = await auth.completeLogin(pendingLoginOf(req), otp, clientOf(req, config));
    switch (result.outcome) {
      case "signed-in":
        await adoptSession(req, result.session);
        flash(req, "success", result.setUp ? SET_UP : "You are signed in.");
        return redirectTo(req, res, result.next ?? "/");
      case "not-a-code":
        return showStep(req, res.status(401), { text: NOT_A_CODE, field: "otp" });
      case "refused":
        return showStep(req, res.status(401), { text: REFUSALS[result.reason], field: "otp" });
      case "locked":
        return showStep(req, res.status(429), LOCKED);
      case "expired":
        return res.redirect(303, loginPath("expired"));
    }
  };

  /** The page of this step, whichever it is. */
  async function showStep(req: Request, res: Response, problem?: Problem): Promise<void> {
    const login = pendingLoginOf(req);
    const step = await auth.secondStep(login);
    const locked = step.lock && lockView(step.lock, auth.now());
    if (locked && "ms" in locked) res.set("Retry-After", String(Math.ceil(locked.ms / 1_000)));
    const shared = {
      problem: problem && locked ? LOCKED : problem,
      username: login.username,
      issuer: config.appName,
      locked,
      contact: config.contact,
    };
    if (step.step === "code") {
      const { authenticators } = step;
      return page(res, "login-2fa-code", { ...shared, title: "Enter your code", authenticators });
    }
    page(res, "login-2fa-set-up", {
      ...shared,
      ...step.enrolment,
      title: "Set up your authenticator",
      qr: drawQr(step.enrolment.uri),
      apps: authenticatorApps,
    });
  }

  return { show, submit };
}

const SET_UP =
  "You are signed in, and your authenticator is set up. From now on it gives you the code for each sign-in.";

const NOT_A_CODE =
  "A code is six digits. Type the one that your app shows now; nothing was counted against you.";

const LOCKED: Problem = { text: "Too many codes were refused. For now, codes are not checked." };

const REFUSALS: Record<CodeRefusal, string> = {
  wrong: "That code was not accepted. Wait for your app's next code and type that one.",
  used: "That code has been used already. Each code works once: wait for the next one in your app.",
  "set-up-elsewhere":
    "Another browser has just finished setting up an authenticator for this account. Use the code from that app.",
};

function lockView(lock: SecondFactorLock, now: Date) {
  if (lock === "until-unlocked") return { untilOperator: true };
  return { until: new Date(lock.until), ms: Math.max(1_000, lock.until - now.getTime()) };
}
