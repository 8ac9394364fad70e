/** The texts for refused codes and recovery codes: what is wrong, and what a person with the right one can do. */
import type { CodeRefused, RecoveryCodeRefusal, Refusal } from "../../auth/index.js";
import type { Problem } from "../render/page.js";
import { aboutHowLong, algorithmName, amount, duration, moment } from "./format.js";

export const NOT_A_CODE: Problem = {
  reason: "not-a-code",
  text: "A code is six digits.",
  advice: "Type the one that your app shows now; nothing was counted against you.",
  field: "otp",
};

export const NOT_A_RECOVERY_CODE: Problem = {
  reason: "not-a-recovery-code",
  text: "A recovery code is 17 letters and digits, in four groups.",
  advice: "Type one from your sheet; nothing was counted against you.",
  field: "recovery_code",
};

const NOTHING_DONE = "Nothing was counted against you, and no recovery code was used.";

/** A recovery code in the field for a code, on a page that takes none. */
export const RECOVERY_CODE_IN_CODE_FIELD: Problem = {
  reason: "recovery-code-for-code",
  text: "That looks like a recovery code. This field takes the six digits from your app.",
  advice: NOTHING_DONE,
  field: "otp",
  leadsTo: { href: "/login/recovery-code", text: "Use a recovery code" },
};

/** The same on a page that has a recovery code field below. */
export const RECOVERY_CODE_IN_CODE_FIELD_AT_CONFIRM: Problem = {
  reason: "recovery-code-for-code",
  text: "That looks like a recovery code. Type it into the field for recovery codes.",
  advice: `Leave the field for the code from your app empty. ${NOTHING_DONE}`,
  field: "recovery_code",
};

/** Six digits in the field for a recovery code, at sign-in. */
export const CODE_IN_RECOVERY_FIELD: Problem = {
  reason: "code-for-recovery-code",
  text: "Those six digits look like a code from your app. This field takes a recovery code.",
  advice: NOTHING_DONE,
  field: "recovery_code",
  leadsTo: { href: "/login/2fa", text: "Use your authenticator app instead" },
};

/** The same on a page that has a code field above. */
export const CODE_IN_RECOVERY_FIELD_AT_CONFIRM: Problem = {
  reason: "code-for-recovery-code",
  text: "Those six digits look like a code from your app. Type them into the field for that code.",
  advice: NOTHING_DONE,
  field: "otp",
};

/** Six digits on the page where a new recovery code is typed back. */
export const CODE_IN_PROOF_FIELD: Problem = {
  reason: "code-for-recovery-code",
  text: "Those six digits look like a code from your app. This field takes a recovery code.",
  advice: `It has 17 letters and digits, in four groups. ${NOTHING_DONE}`,
  field: "recovery_code",
};

/** The problem that a form shows for a refusal. With a code the page shows our clock too, for comparison. */
export function refusalProblem(refusal: Refusal, now: Date): Problem {
  const { reason } = refusal;
  return refusal.outcome === "code-refused"
    ? { reason, ...codeRefusal(refusal, now), field: "otp", showClock: true }
    : { reason, ...RECOVERY_CODE_REFUSALS[refusal.reason](refusal.at), field: "recovery_code" };
}

type Wording = Required<Pick<Problem, "text" | "advice">>;

/** The texts for a refused code, by reason. */
function codeRefusal(refused: CodeRefused, now: Date): Wording {
  switch (refused.reason) {
    case "wrong":
      return {
        text: "That code was not accepted.",
        advice: "Wait for your app’s next code and type that one.",
      };
    case "used": {
      if (refused.nextAt === undefined) {
        return {
          text: "That code has been used already, or a newer one has.",
          advice:
            "Type the code that your app shows now. If that is refused in the same way, your phone’s clock or ours was wrong before: ask the people who run this site.",
        };
      }
      const wait = duration(Math.max(1_000, refused.nextAt.getTime() - now.getTime()));
      return {
        text: "That code has been used already, or a newer one has.",
        advice: `Each works once. If your app still shows it, wait for the next good one (${wait}); if not, type the one that it shows.`,
      };
    }
    case "earlier-step":
      return {
        text: `That code was for ${duration(refused.seconds * 1_000)} ago.`,
        advice: `If your app shows it now, your phone’s clock is about ${aboutHowLong(refused.seconds)} behind: ${correctClock(refused.seconds)}. If not, type the one that it shows.`,
      };
    case "later-step":
      return {
        text: `That code is for ${duration(refused.seconds * 1_000)} from now.`,
        advice: `Your phone’s clock is about ${aboutHowLong(refused.seconds)} ahead: ${correctClock(refused.seconds)}, then type the next code.`,
      };
    case "other-algorithm":
      return {
        text: `Your app makes its codes with ${algorithmName(refused.algorithm)}, and this site uses SHA-1.`,
        advice: ADD_AGAIN,
      };
    case "other-digits":
      return {
        text: `Your app shows codes of ${amount(refused.digits, "digit")}, and this site uses 6.`,
        advice: `${ADD_AGAIN} Nothing was counted against you.`,
      };
    case "other-period":
      return {
        text: `Your app makes a new code every ${amount(refused.period, "second")}, and this site every 30.`,
        advice: ADD_AGAIN,
      };
    case "counter-based":
      return {
        text: "The entry in your app counts its codes instead of following the time.",
        advice: ADD_AGAIN,
      };
    case "earlier-qr":
      return {
        text: "That code belongs to a QR code from another try.",
        advice: `Delete the entry ${refused.label} in your app, then add the one that this page shows.`,
      };
    case "other-authenticator":
      return {
        text: `That is a code of ${refused.name}, which is set up already.`,
        advice: "Type the code of the new entry. The one that you typed is used up now.",
      };
    case "set-up-elsewhere":
      return {
        text: "Another browser has just finished setting up an authenticator for this account.",
        advice: "Use the code from that app.",
      };
    case "wrong-pair":
      return {
        text: "Those two codes were not accepted.",
        advice: "Type the code that your app shows, wait until it changes, and type the next one.",
      };
  }
}

const ADD_AGAIN =
  "Delete the entry in your app and add it again: with the QR code or, by the key, as time-based, SHA-1, 6 digits, 30 seconds. If that does not help, use another app.";

const HALF_AN_HOUR_SECONDS = 1_800;

/** How to correct a clock. One that is off by half an hour or more is usually right, but in another time zone. */
function correctClock(seconds: number): string {
  const what = seconds < HALF_AN_HOUR_SECONDS ? "date and time" : "date, time and time zone";
  return `turn on automatic ${what} in its settings`;
}

const RECOVERY_CODE_REFUSALS: Record<RecoveryCodeRefusal, (at: Date | undefined) => Wording> = {
  typo: () => ({
    text: "There is a typing mistake in that code: its last character does not fit the others.",
    advice: "Type it again from your sheet, character by character.",
  }),
  unknown: () => ({
    text: "That code is well typed, but it is not one of this account’s.",
    advice: "Is the sheet for another account or site?",
  }),
  used: (at) => ({
    text: `That code was used ${at ? `on ${moment(at)}` : "before"}.`,
    advice: "Each works once: type another one from your sheet.",
  }),
  replaced: (at) => ({
    text: `That code is from an old sheet, which a newer one replaced ${at ? `on ${moment(at)}` : "since"}.`,
    advice: "Use the newer sheet.",
  }),
};
