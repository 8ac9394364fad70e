/** The end of every sign-in: the new session, the known and trusted browser cookies, and messages about earlier sign-ins. */
import type { Request, Response } from "express";
import {
  LOW_RECOVERY_CODES,
  type SignedIn,
  type SignInDetails,
  type SignInSummary,
  type UsedRecoveryCode,
} from "../../auth/index.js";
import { type Message, message } from "../catalogue/message.js";
import { setKnownBrowserCookie, setTrustedCookie } from "../session/cookies.js";
import { adoptSession } from "../session/session.js";
import type { Site } from "../site.js";
import { amount, moment } from "../text/format.js";
import { type FlashMessage, serialiseMessages } from "../text/messages.js";

/** Signs the browser in after both factors. Sends no answer: the handler does. */
export async function startSession(
  site: Site,
  req: Request,
  res: Response,
  signedIn: SignedIn,
): Promise<void> {
  const { config } = site;
  await adoptSession(site, req, res, signedIn.session);
  setKnownBrowserCookie(req, res, config, signedIn.knownBrowserCookie);
  if (signedIn.trustedDevice) {
    setTrustedCookie(req, res, config, signedIn.trustedDevice, config.policy.trustedDevice);
  }
}

/** The message about a used recovery code. */
export function codeUsed({ position, sheet, left }: UsedRecoveryCode): Message {
  return message("codes-used", { position, set: sheet, left });
}

/** The serialised messages of a session's first page: about the recovery code that was used, and about earlier sign-ins. */
export function sessionMessages({ summary, sheet, recoveryCode }: SignInDetails): string {
  const used: FlashMessage[] = recoveryCode ? [{ category: "info", text: codeUsed(recoveryCode) }] : [];
  // A set-up's sheet page already says that the person is signed in. Messages add to it only what happened before.
  const isNews =
    !sheet || summary.lastSignInAt !== undefined || summary.refusals > 0 || summary.unfinished > 0;
  return serialiseMessages([...used, ...(isNews ? signInMessages(summary) : [])]);
}

/** What a person should know at sign-in: the last one, refused attempts since, and few recovery codes left. */
export function signInMessages({
  lastSignInAt,
  refusals,
  unfinished,
  recoveryCodesLeft,
}: SignInSummary): FlashMessage[] {
  const last = lastSignInAt ? `Your last sign-in was on ${moment(lastSignInAt)}. ` : "";
  const since = `${amount(refusals, "attempt")} ${refusals === 1 ? "was" : "were"} refused ${last ? "since" : "before"}`;
  const welcome: FlashMessage =
    refusals === 0
      ? {
          category: "success",
          text: `You are signed in. ${last}${last && "No attempt was refused since."}`.trim(),
        }
      : {
          category: "info",
          text: `You are signed in. ${last}${since}; if that was not you, see your history.`,
        };
  const messages = unfinished === 0 ? [welcome] : [welcome, passwordKnown(unfinished)];
  if (recoveryCodesLeft > LOW_RECOVERY_CODES) return messages;
  const left =
    recoveryCodesLeft === 0 ? "no recovery codes" : `only ${amount(recoveryCodesLeft, "recovery code")}`;
  const text = `You have ${left} left. Make new ones on your account page.`;
  return [...messages, { category: "warning", text }];
}

/** Warns of right passwords without a second step. They came from unknown browsers, so perhaps not from the owner. */
function passwordKnown(unfinished: number): FlashMessage {
  const times = unfinished === 1 ? "once" : `${unfinished} times`;
  const text = `Your password was typed ${times} on a new browser, but the second step was not completed. If that was not you, change your password.`;
  return { category: "warning", text };
}
