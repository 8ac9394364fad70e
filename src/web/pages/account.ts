/** GET /account — who you are and what opens your account; and the page's small forms: rename, end a session, forget a device. */
import type { Request, RequestHandler, Response } from "express";
import { sessionOf } from "../guards.js";
import { HttpError } from "../http/errors.js";
import { idOf, NameForm, parseForm } from "../http/forms.js";
import { redirect } from "../http/redirect.js";
import { clientOf } from "../http/request.js";
import { type Problem, sendPage } from "../render/page.js";
import { clearSessionCookie } from "../session/session.js";
import type { Site } from "../site.js";
import { flash, loginPath } from "../text/messages.js";
import { nameProblem } from "../text/name-problems.js";

type Forms = "show" | "rename" | "endSession" | "endOthers" | "forgetDevice";

export function accountPage(site: Site): Record<Forms, RequestHandler> {
  const { auth, config } = site;
  const show: RequestHandler = (req, res) => showAccount(req, res);

  const rename: RequestHandler = async (req, res) => {
    const { name } = parseForm(NameForm, req.body);
    const id = idOf(req);
    const result = await auth.renameAuthenticator(sessionOf(req), id, name, clientOf(req, config));
    switch (result.outcome) {
      case "renamed":
        flash(req, "success", `Your authenticator is called ${result.name} now.`);
        return redirect(site, res, "/account");
      case "name-refused": {
        const problem = nameProblem(result.problem, `name-${id}`);
        return showAccount(req, res.status(422), problem, { id, name });
      }
      case "unknown":
        return answerAlreadyDone(req, res, "That authenticator was already removed. Nothing was renamed.");
      case "expired":
        return redirect(site, res, loginPath("signed-out-here"));
    }
  };

  const endSession: RequestHandler = async (req, res) => {
    const session = sessionOf(req);
    const id = idOf(req);
    const { outcome } = await auth.revokeListed(session, id, clientOf(req, config));
    if (outcome === "expired") return redirect(site, res, loginPath("signed-out-here"));
    if (outcome === "unknown") return answerAlreadyDone(req, res, "That session had already ended.");
    if (id === session.family) {
      clearSessionCookie(res, config);
      return redirect(site, res, loginPath("signed-out"));
    }
    flash(req, "success", "That session has ended: the browser is signed out.");
    return redirect(site, res, "/account");
  };

  const endOthers: RequestHandler = async (req, res) => {
    const { outcome } = await auth.revokeOthers(sessionOf(req), clientOf(req, config));
    if (outcome === "expired") return redirect(site, res, loginPath("signed-out-here"));
    flash(req, "success", "Every other session has ended: only this browser is signed in.");
    return redirect(site, res, "/account");
  };

  const forgetDevice: RequestHandler = async (req, res) => {
    const { outcome } = await auth.forgetTrustedDevice(sessionOf(req), idOf(req), clientOf(req, config));
    if (outcome === "expired") return redirect(site, res, loginPath("signed-out-here"));
    if (outcome === "unknown") return answerAlreadyDone(req, res, "That device was no longer trusted.");
    flash(req, "success", "That device is not trusted any more: it asks for a code at the next sign-in.");
    return redirect(site, res, "/account");
  };

  /** The same answer for an id that is gone and for another account's, so that ids cannot be enumerated. */
  async function answerAlreadyDone(req: Request, res: Response, text: string): Promise<void> {
    flash(req, "info", text);
    await redirect(site, res, "/account");
  }

  async function showAccount(
    req: Request,
    res: Response,
    problem?: Problem,
    renaming?: { id: string; name: string },
  ): Promise<void> {
    const account = await auth.accountOf(sessionOf(req));
    if (!account) throw new HttpError(404);
    const { trustedDevice: trustFor } = config.policy;
    sendPage(site, res, "account", { title: "Your account", problem, ...account, renaming, trustFor });
  }

  return { show, rename, endSession, endOthers, forgetDevice };
}
