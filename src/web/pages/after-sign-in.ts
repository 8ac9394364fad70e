/** The end of every sign-in: the new session, the known and trusted browser cookies, and messages about earlier sign-ins. */
import type { Request, Response } from "express";
import {
  LOW_RECOVERY_CODES,
  type NewSession,
  type SignedIn,
  type SignInDetails,
  type SignInSummary,
  type UsedRecoveryCode,
} from "../../auth/index.js";
import { type Message, message } from "../catalogue/message.js";
import { callOnSignIn } from "../on-sign-in.js";
import { signInOf } from "../session/browser-state.js";
import { setKnownBrowserCookie, setTrustedCookie } from "../session/cookies.js";
import { adoptSession, undoSession } from "../session/session.js";
import type { Site } from "../site.js";
import { type FlashMessage, serialiseMessages } from "../text/messages.js";

/** Signs the browser in after both factors. Sends no answer: the handler does. */
export async function startSession(
  site: Site,
  req: Request,
  res: Response,
  signedIn: SignedIn,
): Promise<void> {
  const { config } = site;
  await openSession(site, req, res, signedIn.session, signedIn.next);
  setKnownBrowserCookie(req, res, config, signedIn.knownBrowserCookie);
  if (signedIn.trustedDevice) {
    setTrustedCookie(req, res, config, signedIn.trustedDevice, config.policy.trustedDevice);
  }
}

/**
 * Gives the browser its session, and tells the host app. @param next where the person goes, as next.ts has checked it
 * @throws OnSignInFailed when the session was ended again
 */
export async function openSession(
  site: Site,
  req: Request,
  res: Response,
  session: NewSession,
  next: string | undefined,
): Promise<void> {
  await adoptSession(site, req, res, session);
  const state = signInOf(req);
  if (state.kind !== "session") return;
  try {
    await callOnSignIn(site, req, res, state, next ?? site.link("/"));
  } catch (error) {
    await undoSession(site, req, res);
    throw error;
  }
}

/** The message about a used recovery code. */
export function codeUsed({ position, sheet, left }: UsedRecoveryCode): Message {
  return message("codes-used", { position, set: sheet, left });
}

/** Makes the serialised messages of a session's first page: about the recovery code that was used, and about earlier sign-ins. */
export function sessionMessages(site: Site): (details: SignInDetails) => string {
  return ({ summary, sheet, recoveryCode }) => {
    const used: FlashMessage[] = recoveryCode ? [{ category: "info", text: codeUsed(recoveryCode) }] : [];
    // A set-up's sheet page already says that the person is signed in. Messages add to it only what happened before.
    const isNews =
      !sheet || summary.lastSignInAt !== undefined || summary.refusals > 0 || summary.unfinished > 0;
    return serialiseMessages([...used, ...(isNews ? signInMessages(site, summary) : [])]);
  };
}

/** What a person should know at sign-in: the last one, failed attempts since, and few recovery codes left. */
export function signInMessages(site: Site, summary: SignInSummary): FlashMessage[] {
  const { refusals, unfinished, recoveryCodesLeft: left } = summary;
  const messages: FlashMessage[] = [
    { category: refusals === 0 ? "success" : "info", text: welcome(site, summary) },
  ];
  // Right passwords without a second step. They came from unknown browsers, so perhaps not from the owner.
  if (unfinished > 0) {
    messages.push({ category: "warning", text: unfinishedText(site, summary) });
  }
  if (left <= LOW_RECOVERY_CODES) {
    const text = message("few-codes-left", { left, href: site.link("/account/recovery-codes") });
    messages.push({ category: "warning", text });
  }
  return messages;
}

function unfinishedText(site: Site, { firstFactor, unfinished: count }: SignInSummary): Message {
  if (firstFactor === "host") return message("site-sign-in-known", { count });
  const href = changePasswordHref(site);
  return href === undefined
    ? message("password-known-elsewhere", { count })
    : message("password-known", { count, href });
}

/** Where a password is changed that opens accounts here; undefined where the host app has not said. */
export function changePasswordHref({ host, link }: Pick<Site, "host" | "link">): string | undefined {
  return host.checksPasswords ? host.changePasswordUrl : link("/account/password");
}

function welcome(site: Site, { lastSignInAt: at, refusals: count }: SignInSummary): Message {
  const href = site.link("/account/history?show=problems");
  if (!at) return count === 0 ? message("signed-in") : message("signed-in-first-failed", { count, href });
  return count === 0 ? message("signed-in-again", { at }) : message("signed-in-failed", { at, count, href });
}
