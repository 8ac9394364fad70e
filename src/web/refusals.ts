/** Why a code or a recovery code was refused, in words that help whoever holds the right one. */
import type { CodeRefusal, RecoveryCodeRefusal, Refusal } from "../auth/index.js";
import { moment } from "./words.js";

export const NOT_A_CODE =
  "A code is six digits. Type the one that your app shows now; nothing was counted against you.";

export const NOT_A_RECOVERY_CODE =
  "A recovery code is 17 letters and digits, in four groups. Type one from your sheet; nothing was counted against you.";

export function refusalText(refusal: Refusal): string {
  return refusal.outcome === "code-refused"
    ? CODE_REFUSALS[refusal.reason]
    : RECOVERY_CODE_REFUSALS[refusal.reason](refusal.at);
}

const CODE_REFUSALS: Record<CodeRefusal, string> = {
  wrong: "That code was not accepted. Wait for your app's next code and type that one.",
  used: "That code has been used already. Each code works once: wait for the next one in your app.",
  "set-up-elsewhere":
    "Another browser has just finished setting up an authenticator for this account. Use the code from that app.",
};

const RECOVERY_CODE_REFUSALS: Record<RecoveryCodeRefusal, (at: Date | undefined) => string> = {
  typo: () =>
    "There is a typing mistake in that code: its last character does not fit the others. Type it again from your sheet, character by character.",
  unknown: () =>
    "That code is well typed, but it is not one of this account's. Is the sheet for another account or site?",
  used: (at) =>
    `That code was used ${at ? `on ${moment(at)}` : "before"}. Each works once: type another one from your sheet.`,
  replaced: (at) =>
    `That code is from an old sheet, which a newer one replaced ${at ? `on ${moment(at)}` : "since"}. Use the newer sheet.`,
};
