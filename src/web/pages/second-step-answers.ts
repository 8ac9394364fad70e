/**
 * Shared by the pages for the second factor, once an authenticator is set up: answers to refusals, and the page's locals.
 * Tests: test/web/pages/refused-codes.test.ts, test/web/text/retry-after.test.ts
 */
import type { Request, Response } from "express";
import type { CompleteLogin, SignedIn } from "../../auth/index.js";
import type { Message } from "../catalogue/message.js";
import { pendingLoginOf } from "../guards.js";
import { redirect } from "../http/redirect.js";
import { clientOf } from "../http/request.js";
import { type Problem, sendPage } from "../render/page.js";
import type { Site } from "../site.js";
import { expiredPath } from "../text/messages.js";
import { refusalProblem } from "../text/refusals.js";
import { LOCKED, lockView } from "../text/retry-after.js";

/** The problems for text that is no code: `forOtherField` if it is a code of the other kind; `forThisField` for all else. */
interface NotACodeProblems {
  forThisField: Problem;
  forOtherField: Problem;
}

/** Answers a second step that was refused. @param show renders the form with the problem */
export function answerRefusal(
  site: Site,
  res: Response,
  refused: Exclude<CompleteLogin, SignedIn>,
  notACode: NotACodeProblems,
  show: (problem: Problem) => Promise<void>,
): Promise<void> {
  switch (refused.outcome) {
    case "not-a-code":
      res.status(401);
      return show(refused.isForOtherField ? notACode.forOtherField : notACode.forThisField);
    case "code-refused":
    case "recovery-code-refused":
      res.status(401);
      return show(refusalProblem(refused, site.auth.now()));
    case "link-needed":
      return redirect(site, res, "/login/2fa");
    case "locked":
      res.status(429);
      return show(LOCKED);
    case "expired":
      return redirect(site, res, expiredPath(pendingLoginOf(res.req)));
  }
}

/** Renders views/NAME.ejs; if the account has no authenticator, redirects to the page that sets one up. */
export async function sendSecondStepPage(
  site: Site,
  req: Request,
  res: Response,
  name: string,
  { title, problem }: { title: Message; problem: Problem | undefined },
): Promise<void> {
  const { auth, config } = site;
  const login = pendingLoginOf(req);
  const step = await auth.secondStep(login, clientOf(req, config));
  if (step.step === "expired") return redirect(site, res, expiredPath(login));
  if (step.step === "set-up" || step.step === "link-needed") return redirect(site, res, "/login/2fa");
  const locked = lockView(res, step.lock, auth.now());
  sendPage(site, res, name, {
    title,
    problem: problem && locked ? LOCKED : problem,
    username: login.username,
    issuer: config.appName,
    authenticators: step.authenticators,
    locked,
  });
}
