/** What every sign-in ends with: the new session, the cookies that this browser keeps, and a word about the last time. */
import type { Request, Response } from "express";
import { type Arrival, FEW_RECOVERY_CODES, type SignedIn, type UsedRecoveryCode } from "../auth/index.js";
import { keepBrowserToken, keepTrustedToken } from "./cookies.js";
import { flash } from "./messages.js";
import { adoptSession } from "./session.js";
import type { Site } from "./site.js";
import { amount, amountIs, moment } from "./words.js";

/** Signs the browser in after both factors; the handler answers. */
export async function enter(site: Site, req: Request, res: Response, signedIn: SignedIn): Promise<void> {
  const { config } = site;
  await adoptSession(site, req, res, signedIn.session);
  keepBrowserToken(req, res, config, signedIn.browser);
  if (signedIn.trustedDevice) {
    keepTrustedToken(req, res, config, signedIn.trustedDevice, config.policy.trustedDevice);
  }
}

/** What became of the recovery code that was typed. */
export function sayUsed(req: Request, { position, sheet, left }: UsedRecoveryCode): void {
  const rest = left === 0 ? "None is left" : `${amountIs(left, "code")} left`;
  flash(
    req,
    "info",
    `You used recovery code ${position} of set ${sheet}: cross it out, it works no more. ${rest}.`,
  );
}

/** Leaves what a person should know on arriving for the next page. */
export function greet(req: Request, arrival: Arrival): void {
  const { lastSignInAt, refusals, recoveryCodesLeft } = arrival;
  const last = lastSignInAt ? `Your last sign-in was on ${moment(lastSignInAt)}. ` : "";
  if (refusals === 0) {
    flash(req, "success", `You are signed in. ${last}${last && "No attempt was refused since."}`.trim());
  } else {
    const since = `${amount(refusals, "attempt")} ${refusals === 1 ? "was" : "were"} refused ${last ? "since" : "before"}`;
    flash(req, "info", `You are signed in. ${last}${since}; if that was not you, see your history.`);
  }
  if (recoveryCodesLeft === 0) {
    flash(req, "warning", "You have no recovery codes left. Make new ones on your account page.");
  } else if (recoveryCodesLeft <= FEW_RECOVERY_CODES) {
    const left = amount(recoveryCodesLeft, "recovery code");
    flash(req, "warning", `You have only ${left} left. Make new ones on your account page.`);
  }
}
