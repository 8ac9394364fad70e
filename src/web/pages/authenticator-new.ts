/**
 * GET, POST /account/authenticators/new — adds an authenticator, or (`?replaces=ID`) replaces one. `?name=` fills in the name.
 * Tests: test/web/pages/authenticator-new.test.ts, test/web/pages/lapsed-step-up.test.ts
 */
import type { Request, RequestHandler, Response } from "express";
import { type AddAuthenticator, MAX_AUTHENTICATORS, nameInAddress } from "../../auth/index.js";
import { type Message, message } from "../catalogue/message.js";
import { askToConfirm, sessionOf } from "../guards.js";
import { NewAuthenticatorForm, parseForm } from "../http/forms.js";
import { redirect } from "../http/redirect.js";
import { clientOf } from "../http/request.js";
import { type Problem, sendPage } from "../render/page.js";
import { setKnownBrowserCookie } from "../session/cookies.js";
import type { Site } from "../site.js";
import { flash, loginPath } from "../text/messages.js";
import { nameProblem } from "../text/name-problems.js";
import { NOT_A_CODE, refusalProblem } from "../text/refusals.js";
import { LOCKED, lockView } from "../text/retry-after.js";
import { mayReadDemoCodes } from "./dev-authenticator.js";
import { setUpLocals } from "./set-up.js";

export function authenticatorNewPage(site: Site): Record<"show" | "submit", RequestHandler> {
  const { auth, config } = site;
  const show: RequestHandler = (req, res) => showForm(req, res, nameInAddress(req.query.name));

  const submit: RequestHandler = async (req, res) => {
    const { name, otp } = parseForm(NewAuthenticatorForm, req.body);
    const wanted = { name, otp, replaces: replacesOf(req) };
    const result = await auth.addAuthenticator(sessionOf(req), wanted, clientOf(req, config));
    switch (result.outcome) {
      case "added":
        setKnownBrowserCookie(req, res, config, result.knownBrowserCookie);
        flash(req, "success", addedMessage(config.appName, result));
        return redirect(site, res, "/account");
      case "not-a-code":
        return showForm(req, res.status(401), name, NOT_A_CODE);
      case "code-refused":
        return showForm(req, res.status(401), name, refusalProblem(result, auth.now()));
      case "name-refused":
        return showForm(req, res.status(422), name, nameProblem(result.problem, "name"));
      case "full":
        return answerFull(req, res);
      case "locked":
        return showForm(req, res.status(429), name, LOCKED);
      case "gone":
        flash(req, "info", message("app-sent-before"));
        return redirect(site, res, "/account");
      case "confirm-again":
        return askToConfirm(site, req, res);
    }
  };

  async function showForm(req: Request, res: Response, name: string, problem?: Problem): Promise<void> {
    const session = sessionOf(req);
    const { authenticators } = await auth.waysBackIn(session);
    const replaces = authenticators.find(({ id }) => id === replacesOf(req));
    // The authenticator to replace is gone. The form would add one instead, which the person did not mean.
    if (replacesOf(req) !== undefined && !replaces) {
      flash(req, "info", message("app-replaced-gone"));
      return redirect(site, res, "/account");
    }
    if (!replaces && authenticators.length >= MAX_AUTHENTICATORS) return answerFull(req, res);
    const enrolment = await auth.enrolmentOf(session);
    if (!enrolment) return redirect(site, res, loginPath("sign-in"));
    const locked = lockView(res, await auth.lockoutFor(session, clientOf(req, config)), auth.now());
    sendPage(site, res, "authenticator-new", {
      ...setUpLocals(site, req, enrolment, problem),
      title: message(replaces ? "app-replace-title" : "app-add-title"),
      problem: problem && locked ? LOCKED : problem,
      username: session.username,
      name,
      authenticators,
      replaces,
      locked,
      devAuthenticator: mayReadDemoCodes(site, req, session),
    });
  }

  async function answerFull(req: Request, res: Response): Promise<void> {
    flash(req, "warning", message("app-full"));
    await redirect(site, res, "/account");
  }

  return { show, submit };
}

/** The id of the authenticator to replace. It is in the query, so that a step-up in between leads back to the same form. */
function replacesOf(req: Request): string | undefined {
  return typeof req.query.replaces === "string" ? req.query.replaces : undefined;
}

/** Names entries, not apps: the app may be the same, and so may the name. */
function addedMessage(
  issuer: string,
  { label, replaced }: Extract<AddAuthenticator, { outcome: "added" }>,
): Message {
  return replaced
    ? message("app-replaced", { old: `${issuer}: ${replaced.label}` })
    : message("app-added", { entry: `${issuer}: ${label}` });
}
