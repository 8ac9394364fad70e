/** GET /account — what opens your account, and where it is open; and the page's small forms: rename, sign a browser out, stop trusting one. */
import type { Request, RequestHandler, Response } from "express";
import { MAX_AUTHENTICATORS, type Session } from "../../auth/index.js";
import { type Message, message } from "../catalogue/message.js";
import { sessionOf } from "../guards.js";
import { HttpError } from "../http/errors.js";
import { idOf, NameForm, parseForm } from "../http/forms.js";
import { redirect } from "../http/redirect.js";
import { clientOf } from "../http/request.js";
import { type Problem, sendPage } from "../render/page.js";
import { clearSessionCookie } from "../session/session.js";
import type { Site } from "../site.js";
import { deviceName } from "../text/device-name.js";
import { flash, loginPath } from "../text/messages.js";
import { nameProblem } from "../text/name-problems.js";
import { changePasswordHref } from "./after-sign-in.js";
import { historyEntries } from "./history-entries.js";
import { standingOf } from "./standing.js";

type Forms = "show" | "rename" | "endSession" | "endOthers" | "forgetDevice";

export function accountPage(site: Site): Record<Forms, RequestHandler> {
  const { auth, config } = site;
  const show: RequestHandler = (req, res) => {
    const { rename, check } = req.query;
    return showAccount(req, res, {
      rename: typeof rename === "string" ? { id: rename } : undefined,
      check: check === "copy",
    });
  };

  const rename: RequestHandler = async (req, res) => {
    const { name } = parseForm(NameForm, req.body);
    const id = idOf(req);
    const result = await auth.renameAuthenticator(sessionOf(req), id, name, clientOf(req, config));
    switch (result.outcome) {
      case "renamed":
        flash(req, "success", message("account-renamed", { name: result.name }));
        return redirect(site, res, "/account");
      case "name-refused": {
        const problem = nameProblem(result.problem, `name-${id}`);
        return showAccount(req, res.status(422), { rename: { id, name }, problem });
      }
      case "unknown":
        return answerAlreadyDone(req, res, message("account-app-gone"));
      case "expired":
        return redirect(site, res, loginPath("signed-out-here"));
    }
  };

  const endSession: RequestHandler = async (req, res) => {
    const session = sessionOf(req);
    const id = idOf(req);
    const { outcome } = await auth.revokeListed(session, id, clientOf(req, config));
    if (outcome === "expired") return redirect(site, res, loginPath("signed-out-here"));
    if (outcome === "unknown") return answerAlreadyDone(req, res, message("account-browser-gone"));
    if (id === session.family) {
      clearSessionCookie(res, config);
      return redirect(site, res, loginPath("signed-out"));
    }
    flash(req, "success", message("account-signed-out-browser"));
    return redirect(site, res, "/account");
  };

  const endOthers: RequestHandler = async (req, res) => {
    const { outcome } = await auth.revokeOthers(sessionOf(req), clientOf(req, config));
    if (outcome === "expired") return redirect(site, res, loginPath("signed-out-here"));
    flash(req, "success", message("account-signed-out-others"));
    return redirect(site, res, "/account");
  };

  const forgetDevice: RequestHandler = async (req, res) => {
    const { outcome } = await auth.forgetTrustedDevice(sessionOf(req), idOf(req), clientOf(req, config));
    if (outcome === "expired") return redirect(site, res, loginPath("signed-out-here"));
    if (outcome === "unknown") return answerAlreadyDone(req, res, message("account-not-trusted-already"));
    flash(req, "success", message("account-not-trusted"));
    return redirect(site, res, "/account");
  };

  /** The same answer for an id that is gone and for another account's, so that ids cannot be enumerated. */
  async function answerAlreadyDone(req: Request, res: Response, text: Message): Promise<void> {
    flash(req, "info", text);
    await redirect(site, res, "/account");
  }

  async function showAccount(req: Request, res: Response, open: OpenForm): Promise<void> {
    const session = sessionOf(req);
    const account = await auth.accountOf(session);
    if (!account) throw new HttpError(404);
    const { authenticators, sheet } = account;
    sendPage(site, res, "account", {
      title: message("account-title"),
      ...account,
      password: passwordRow(site, session),
      standing: standingOf(session, account),
      authenticators: authenticators.map((app) => ({ ...app, clock: clockMessage(app.driftSeconds) })),
      canAddApp: authenticators.length < MAX_AUTHENTICATORS,
      canCheck: sheet !== undefined && sheet.left > 0 && !sheet.provedAt,
      sessions: account.sessions.map(named),
      trustedDevices: account.trustedDevices.map(named),
      mayTrust: config.policy.trustedDevice > 0,
      history: historyEntries(account.history).slice(0, HISTORY_ENTRIES),
      ...open,
    });
  }

  return { show, rename, endSession, endOthers, forgetDevice };
}

/** The row of the password, where one opens this account, and where it is changed; undefined where only the app's own sign-in does. */
function passwordRow(site: Site, { hasPassword }: Session): { href: string | undefined } | undefined {
  return hasPassword || site.host.checksPasswords ? { href: changePasswordHref(site) } : undefined;
}

/** The form that is open below its row, with what was typed and what is wrong with it. */
interface OpenForm {
  rename?: { id: string; name?: string } | undefined;
  check?: boolean;
  problem?: Problem;
}

const HISTORY_ENTRIES = 3;

/** Each browser by its name, in place of its User-Agent. */
function named<Browser extends { device: string }>(browser: Browser) {
  return { ...browser, device: deviceName(browser.device) };
}

/** A clock that is off by less shows in nothing. */
const NOTABLE_DRIFT_SECONDS = 15;

/** @param seconds ahead of our clock, negative if behind */
function clockMessage(seconds = 0): Message | undefined {
  if (Math.abs(seconds) < NOTABLE_DRIFT_SECONDS) return undefined;
  return message(seconds < 0 ? "account-app-behind" : "account-app-ahead", { seconds });
}
