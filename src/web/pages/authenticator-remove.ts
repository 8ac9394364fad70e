/** GET, POST /account/authenticators/:id/remove — asks, then removes; the last authenticator can only be replaced. */
import type { Request, RequestHandler, Response } from "express";
import { message } from "../catalogue/message.js";
import { askToConfirm, sessionOf } from "../guards.js";
import { idOf } from "../http/forms.js";
import { redirect } from "../http/redirect.js";
import { clientOf } from "../http/request.js";
import { type Problem, sendPage } from "../render/page.js";
import { setKnownBrowserCookie } from "../session/cookies.js";
import type { Site } from "../site.js";
import { flash } from "../text/messages.js";

export function authenticatorRemovePage(site: Site): Record<"show" | "submit", RequestHandler> {
  const { auth, config } = site;
  const show: RequestHandler = (req, res) => showQuestion(req, res);

  const submit: RequestHandler = async (req, res) => {
    const result = await auth.removeAuthenticator(sessionOf(req), idOf(req), clientOf(req, config));
    switch (result.outcome) {
      case "removed":
        setKnownBrowserCookie(req, res, config, result.knownBrowserCookie);
        flash(req, "success", message("removed", { name: result.name, label: result.label }));
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
    const { name } = authenticator;
    const others = authenticators.filter(({ id }) => id !== authenticator.id);
    const isLast = others.length === 0;
    sendPage(site, res, "authenticator-remove", {
      title: isLast ? message("remove-last-title", { name }) : message("remove-title", { name }),
      problem,
      authenticator,
      isLast,
      others: others.map((other) => other.name),
      codes: sheet?.left ?? 0,
    });
  }

  return { show, submit };
}

/** The same answer for an id that is gone and for another account's, so that ids cannot be enumerated. */
async function answerAlreadyRemoved(site: Site, req: Request, res: Response): Promise<void> {
  flash(req, "info", message("removed-already"));
  await redirect(site, res, "/account");
}

const LAST: Problem = { reason: "last", text: message("remove-last-refused") };
