/** GET, POST /account/authenticators/:id/remove — asks, then removes; the last authenticator can only be replaced. */
import type { Request, RequestHandler, Response } from "express";
import { askToConfirm, sessionOf } from "../guards.js";
import { idOf } from "../http/forms.js";
import { redirect } from "../http/redirect.js";
import { clientOf } from "../http/request.js";
import { type Problem, sendPage } from "../render/page.js";
import { setKnownBrowserCookie } from "../session/cookies.js";
import type { Site } from "../site.js";
import { flash, OTHERS_SIGNED_OUT } from "../text/messages.js";

export function authenticatorRemovePage(site: Site): Record<"show" | "submit", RequestHandler> {
  const { auth, config } = site;
  const show: RequestHandler = (req, res) => showQuestion(req, res);

  const submit: RequestHandler = async (req, res) => {
    const result = await auth.removeAuthenticator(sessionOf(req), idOf(req), clientOf(req, config));
    switch (result.outcome) {
      case "removed":
        setKnownBrowserCookie(req, res, config, result.knownBrowserCookie);
        flash(req, "success", removedText(config.appName, result));
        return redirect(site, res, "/account");
      case "last":
        return showQuestion(req, res.status(422), LAST);
      case "unknown":
        return answerAlreadyRemoved(site, req, res);
      case "confirm-again":
        return askToConfirm(site, req, res);
    }
  };

  async function showQuestion(req: Request, res: Response, problem?: Problem): Promise<void> {
    const { authenticators, sheet } = await auth.waysBackIn(sessionOf(req));
    const authenticator = authenticators.find(({ id }) => id === idOf(req));
    if (!authenticator) return answerAlreadyRemoved(site, req, res);
    sendPage(site, res, "authenticator-remove", {
      title: `Remove ${authenticator.name}`,
      problem,
      authenticator,
      isLast: authenticators.length === 1,
      others: authenticators.filter(({ id }) => id !== authenticator.id),
      sheet,
      issuer: config.appName,
    });
  }

  return { show, submit };
}

function removedText(issuer: string, { name, label }: { name: string; label: string }): string {
  const old = `Codes from ${issuer}: ${label} no longer work. Delete that entry.`;
  return `${name} is removed. ${old} ${OTHERS_SIGNED_OUT}`;
}

/** The same answer for an id that is gone and for another account's, so that ids cannot be enumerated. */
async function answerAlreadyRemoved(site: Site, req: Request, res: Response): Promise<void> {
  flash(req, "info", "That authenticator was already removed.");
  await redirect(site, res, "/account");
}

const LAST: Problem = {
  reason: "last",
  text: "This is your only authenticator. Without one nobody could sign in, so it can be replaced but not removed.",
};
