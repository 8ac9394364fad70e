/** What every sign-in ends with: the new session, the cookies that this browser keeps, and a word about the last time. */
import type { Request, Response } from "express";
import {
  LOW_RECOVERY_CODES,
  type SignedIn,
  type SignInDetails,
  type SignInSummary,
  type UsedRecoveryCode,
} from "../../auth/index.js";
import { setKnownBrowserCookie, setTrustedCookie } from "../session/cookies.js";
import { adoptSession } from "../session/session.js";
import type { Site } from "../site.js";
import { amount, amountIs, moment } from "../text/format.js";
import { type Message, serialiseMessages } from "../text/messages.js";

/** Signs the browser in after both factors; the handler answers. */
export async function startSession(
  site: Site,
  req: Request,
  res: Response,
  signedIn: SignedIn,
): Promise<void> {
  const { config } = site;
  await adoptSession(site, req, res, signedIn.session);
  setKnownBrowserCookie(req, res, config, signedIn.browser);
  if (signedIn.trustedDevice) {
    setTrustedCookie(req, res, config, signedIn.trustedDevice, config.policy.trustedDevice);
  }
}

/** What the page says about a used recovery code. */
export function codeUsed({ position, sheet, left }: UsedRecoveryCode): string {
  const rest = left === 0 ? "None is left" : `${amountIs(left, "code")} left`;
  return `You used recovery code ${position} of set ${sheet}: cross it out, it works no more. ${rest}.`;
}

/** What a session is opened with, for its first page: what became of a recovery code, and a word about the last time. */
export function sessionMessages({ arrival, sheet, recoveryCode }: SignInDetails): string {
  const used: Message[] = recoveryCode ? [{ category: "info", text: codeUsed(recoveryCode) }] : [];
  // The page of the first sheet says itself that one is signed in; what came before this is news.
  const isNews =
    !sheet || arrival.lastSignInAt !== undefined || arrival.refusals > 0 || arrival.unfinished > 0;
  return serialiseMessages([...used, ...(isNews ? signInMessages(arrival) : [])]);
}

/** What a person should know on arriving. */
export function signInMessages({
  lastSignInAt,
  refusals,
  unfinished,
  recoveryCodesLeft,
}: SignInSummary): Message[] {
  const last = lastSignInAt ? `Your last sign-in was on ${moment(lastSignInAt)}. ` : "";
  const since = `${amount(refusals, "attempt")} ${refusals === 1 ? "was" : "were"} refused ${last ? "since" : "before"}`;
  const welcome: Message =
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
function passwordKnown(unfinished: number): Message {
  const times = unfinished === 1 ? "once" : `${unfinished} times`;
  const text = `Your password was typed ${times} on a new browser, but the second step was not completed. If that was not you, change your password.`;
  return { category: "warning", text };
}
