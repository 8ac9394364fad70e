/** What the pages for the second factor have in common, once an authenticator is there: who, in which app, and whether to wait. */
import type { Request, Response } from "express";
import { pendingLoginOf } from "../guards.js";
import { clientOf } from "../http/client.js";
import { redirect } from "../http/redirect.js";
import { type Problem, page } from "../render/page.js";
import type { Site } from "../site.js";
import { LOCKED, lockView } from "../text/lock.js";
import { loginPath } from "../text/messages.js";

/** Renders views/NAME.ejs; without an authenticator it leads to the page that sets one up. */
export async function secondStepPage(
  { auth, config }: Site,
  req: Request,
  res: Response,
  name: string,
  { title, problem }: { title: string; problem: Problem | undefined },
): Promise<void> {
  const login = pendingLoginOf(req);
  const step = await auth.secondStep(login, clientOf(req, config));
  if (step.step === "expired") return redirect(req, res, loginPath("expired"));
  if (step.step === "set-up") return redirect(req, res, "/login/2fa");
  const locked = lockView(res, step.lock, auth.now());
  page(res, name, {
    title,
    problem: problem && locked ? LOCKED : problem,
    username: login.username,
    issuer: config.appName,
    authenticators: step.authenticators,
    locked,
    contact: config.contact,
  });
}
