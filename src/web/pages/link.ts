/** GET, POST /link/:token — a one-time link: choose a password, or set up the second step again after a reset. */
import type { Request, RequestHandler, Response } from "express";
import type { ClosedLink, LinkView } from "../../auth/index.js";
import { type Message, message } from "../catalogue/message.js";
import { LinkForm, parseForm } from "../http/forms.js";
import { redirect } from "../http/redirect.js";
import { clientOf } from "../http/request.js";
import { type Problem, sendPage } from "../render/page.js";
import { sessionIdsOf, signInOf } from "../session/browser-state.js";
import { adoptSession } from "../session/session.js";
import { revokeBrowser } from "../session/sign-out.js";
import type { Site } from "../site.js";
import { tooManyTries } from "../text/retry-after.js";
import { newPasswordProblem } from "./password.js";

export function linkPage(site: Site): Record<"show" | "submit", RequestHandler> {
  const { auth, config } = site;
  /** Spends nothing: mail scanners and previews open links too. */
  const show: RequestHandler = (req, res) => showLink(req, res);

  const submit: RequestHandler = async (req, res) => {
    const { new_password: newPassword, password } = parseForm(LinkForm, req.body);
    const client = clientOf(req, config);
    const result = await auth.useLink(tokenOf(req), { newPassword, password }, client);
    switch (result.outcome) {
      case "password-accepted":
        // This browser may have been signed in as somebody else.
        await revokeBrowser(site, req, sessionIdsOf(req), client);
        await adoptSession(site, req, res, result.pendingLogin);
        return redirect(site, res, "/login/2fa");
      case "new-password-refused":
        return showLink(req, res.status(422), { problem: newPasswordProblem(result.problem) });
      case "password-refused":
        return showLink(req, res.status(401), { problem: WRONG_PASSWORD });
      case "delayed": {
        const problem = tooManyTries(res, result.until, auth.now());
        return showLink(req, res, { problem, retryAt: new Date(result.until) });
      }
      default:
        return showClosed(req, res, result.outcome);
    }
  };

  async function showLink(
    req: Request,
    res: Response,
    refused: { problem?: Problem; retryAt?: Date } = {},
  ): Promise<void> {
    const link = await auth.linkOf(tokenOf(req), clientOf(req, config));
    if (link.state !== "open") return showClosed(req, res, link.state);
    const { purpose, username, isSettingUp } = link;
    sendPage(site, res, "link", {
      title: TITLES[purpose],
      lead: LEADS[purpose](username),
      purpose,
      username,
      isSettingUp,
      action: site.link(`/link/${tokenOf(req)}`),
      other: otherThan(req, username),
      ...refused,
    });
  }

  /** The same for every link that ended so: a token that is not known tells nothing about any account. */
  function showClosed(req: Request, res: Response, state: ClosedLink): void {
    res.status(state === "unknown" ? 404 : 410);
    sendPage(site, res, "link-closed", { ...CLOSED[state], state, onward: onward(req) });
  }

  return { show, submit };
}

/** Its length is checked where it is looked up. */
function tokenOf(req: Request): string {
  return String(req.params.token);
}

/** Whom this browser is signed in as, if it is not the link's owner. */
function otherThan(req: Request, username: string): string | undefined {
  const state = signInOf(req);
  if (state.kind !== "session" && state.kind !== "pending") return undefined;
  return state.username === username ? undefined : state.username;
}

/** Where the browser that has used the link goes on; all others sign in. */
function onward(req: Request): { path: string; text: Message } {
  const { kind } = signInOf(req);
  if (kind === "pending") return { path: "/login/2fa", text: message("link-go-on") };
  if (kind === "session") return { path: "/", text: message("link-go-on") };
  return { path: "/login", text: message("link-sign-in") };
}

type Purpose = Extract<LinkView, { state: "open" }>["purpose"];

const TITLES: Record<Purpose, Message> = {
  invitation: message("link-invitation-title"),
  password: message("link-password-title"),
  reset: message("link-reset-title"),
};

const LEADS: Record<Purpose, (username: string) => Message> = {
  invitation: (username) => message("link-invitation-lead", { username }),
  password: (username) => message("link-password-lead", { username }),
  reset: (username) => message("link-reset-lead", { username }),
};

const CLOSED: Record<ClosedLink, { title: Message; advice: Message }> = {
  used: { title: message("link-used-title"), advice: message("link-used") },
  ended: { title: message("link-ended-title"), advice: message("link-ended") },
  expired: { title: message("link-expired-title"), advice: message("link-expired") },
  unknown: { title: message("link-unknown-title"), advice: message("link-unknown") },
};

const WRONG_PASSWORD: Problem = {
  reason: "refused",
  text: message("password-wrong"),
  advice: message("password-wrong-advice"),
  field: "password",
};
