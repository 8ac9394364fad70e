/**
 * GET, POST /account/authenticators/new — adds an authenticator, or (`?replaces=ID`) replaces one. `?name=` fills in the name.
 * Tests: test/web/pages/authenticator-new.test.ts, test/web/pages/lapsed-step-up.test.ts
 */
import type { Request, RequestHandler, Response } from "express";
import { type AddAuthenticator, MAX_AUTHENTICATORS, nameInAddress } from "../../auth/index.js";
import { askToConfirm, sessionOf } from "../guards.js";
import { NewAuthenticatorForm, parseForm } from "../http/forms.js";
import { redirect } from "../http/redirect.js";
import { clientOf } from "../http/request.js";
import { type Problem, sendPage } from "../render/page.js";
import { drawQr } from "../render/qr.js";
import { setKnownBrowserCookie } from "../session/cookies.js";
import type { Site } from "../site.js";
import { flash, loginPath, OTHERS_SIGNED_OUT } from "../text/messages.js";
import { nameProblem } from "../text/name-problems.js";
import { NOT_A_CODE, refusalProblem } from "../text/refusals.js";
import { LOCKED, lockView } from "../text/retry-after.js";
import { authenticatorApps } from "./authenticator-apps.js";

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
        flash(req, "success", addedText(config.appName, result));
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
        flash(req, "info", "That form was sent before, or is no longer good: here is what signs you in now.");
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
      flash(req, "info", "The authenticator that you wanted to replace was already removed.");
      return redirect(site, res, "/account");
    }
    if (!replaces && authenticators.length >= MAX_AUTHENTICATORS) return answerFull(req, res);
    const enrolment = await auth.enrolmentOf(session);
    if (!enrolment) return redirect(site, res, loginPath("sign-in"));
    const locked = lockView(res, await auth.lockoutFor(session, clientOf(req, config)), auth.now());
    sendPage(site, res, "authenticator-new", {
      title: replaces ? "Change your phone" : "Add an authenticator",
      problem: problem && locked ? LOCKED : problem,
      ...enrolment,
      qr: drawQr(enrolment.uri),
      apps: authenticatorApps,
      issuer: config.appName,
      username: session.username,
      name,
      authenticators,
      replaces,
      locked,
      contact: config.contact,
    });
  }

  async function answerFull(req: Request, res: Response): Promise<void> {
    flash(
      req,
      "warning",
      `An account has at most ${MAX_AUTHENTICATORS} authenticators. Remove one first, or change one.`,
    );
    await redirect(site, res, "/account");
  }

  return { show, submit };
}

/** The id of the authenticator to replace. It is in the query, so that a step-up in between leads back to the same form. */
function replacesOf(req: Request): string | undefined {
  return typeof req.query.replaces === "string" ? req.query.replaces : undefined;
}

/** Of a replaced one it names the entry in its app: the names of both may be the same. */
function addedText(
  issuer: string,
  { name, label, replaced }: Extract<AddAuthenticator, { outcome: "added" }>,
): string {
  if (!replaced) return `${name} is set up: its codes sign you in from now on. ${OTHERS_SIGNED_OUT}`;
  const now = `Codes from ${issuer}: ${label} sign you in from now on.`;
  const old = `Codes from ${issuer}: ${replaced.label} no longer work. Delete that entry.`;
  return `${now} ${old} ${OTHERS_SIGNED_OUT}`;
}
