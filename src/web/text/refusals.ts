/** The texts for refused codes and recovery codes: what is wrong, and what a person with the right one can do. */
import type { CodeRefused, RecoveryCodeRefusal, Refusal } from "../../auth/index.js";
import { message } from "../catalogue/message.js";
import type { Problem } from "../render/page.js";

export const NOT_A_CODE: Problem = {
  reason: "not-a-code",
  text: message("not-a-code"),
  advice: message("not-a-code-advice"),
  field: "otp",
};

export const NOT_A_RECOVERY_CODE: Problem = {
  reason: "not-a-recovery-code",
  text: message("not-a-recovery-code"),
  advice: message("not-a-recovery-code-advice"),
  field: "recovery_code",
};

/** A recovery code in the field for a code, on a page that takes none. */
export const RECOVERY_CODE_IN_CODE_FIELD: Problem = {
  reason: "recovery-code-for-code",
  text: message("recovery-code-for-code"),
  advice: message("nothing-counted"),
  field: "otp",
  leadsTo: { href: "/login/recovery-code", text: message("recovery-code-for-code-link") },
};

/** The same on a page that has a recovery code field below. */
export const RECOVERY_CODE_IN_CODE_FIELD_AT_CONFIRM: Problem = {
  reason: "recovery-code-for-code",
  text: message("recovery-code-for-code-below"),
  advice: message("recovery-code-for-code-below-advice"),
  field: "recovery_code",
};

/** Six digits in the field for a recovery code, at sign-in. */
export const CODE_IN_RECOVERY_FIELD: Problem = {
  reason: "code-for-recovery-code",
  text: message("code-for-recovery-code"),
  advice: message("nothing-counted"),
  field: "recovery_code",
  leadsTo: { href: "/login/2fa", text: message("code-for-recovery-code-link") },
};

/** The same on a page that has a code field above. */
export const CODE_IN_RECOVERY_FIELD_AT_CONFIRM: Problem = {
  reason: "code-for-recovery-code",
  text: message("code-for-recovery-code-above"),
  advice: message("code-for-recovery-code-above-advice"),
  field: "otp",
};

/** Six digits on the page where a new recovery code is typed back. */
export const CODE_IN_PROOF_FIELD: Problem = {
  reason: "code-for-recovery-code",
  text: message("code-for-recovery-code"),
  advice: message("code-for-copy-advice"),
  field: "recovery_code",
};

/** The problem that a form shows for a refusal. Where the phone's clock can be the reason, the page shows ours, for comparison. */
export function refusalProblem(refusal: Refusal, now: Date): Problem {
  const { reason } = refusal;
  if (refusal.outcome === "recovery-code-refused") {
    return { reason, ...RECOVERY_CODE_REFUSALS[refusal.reason](refusal.at), field: "recovery_code" };
  }
  const problem: Problem = { reason, ...codeRefusal(refusal, now), field: "otp" };
  return CLOCK_REASONS.has(refusal.reason) ? { ...problem, showClock: true } : problem;
}

/** The refusals for which a clock can be the reason. */
const CLOCK_REASONS = new Set<CodeRefused["reason"]>(["wrong", "earlier-step", "later-step"]);

type Wording = Required<Pick<Problem, "text" | "advice">>;

/** The texts for a refused code, by reason. */
function codeRefusal(refused: CodeRefused, now: Date): Wording {
  switch (refused.reason) {
    case "wrong":
      return { text: message("code-wrong"), advice: message("code-wrong-advice") };
    case "used": {
      if (refused.nextAt === undefined) {
        return { text: message("code-used"), advice: message("code-used-clock") };
      }
      const wait = Math.max(1_000, refused.nextAt.getTime() - now.getTime());
      return { text: message("code-used"), advice: message("code-used-wait", { wait }) };
    }
    case "earlier-step":
      return {
        text: message("code-earlier-step", { seconds: refused.seconds }),
        advice: message(isZone(refused.seconds) ? "code-earlier-step-zone" : "code-earlier-step-advice"),
      };
    case "later-step":
      return {
        text: message("code-later-step", { seconds: refused.seconds }),
        advice: message(isZone(refused.seconds) ? "code-later-step-zone" : "code-later-step-advice"),
      };
    case "other-algorithm": {
      const algorithm = refused.algorithm.replace("SHA", "SHA-");
      return { text: message("code-other-algorithm", { algorithm }), advice: message("code-add-again") };
    }
    case "other-digits":
      return {
        text: message("code-other-digits", { digits: refused.digits }),
        advice: message("code-add-again"),
      };
    case "other-period":
      return {
        text: message("code-other-period", { period: refused.period }),
        advice: message("code-add-again"),
      };
    case "counter-based":
      return { text: message("code-counter-based"), advice: message("code-add-again") };
    case "earlier-qr":
      return {
        text: message("code-earlier-qr"),
        advice: message("code-earlier-qr-advice", { label: refused.label }),
      };
    case "other-authenticator":
      return {
        text: message("code-other-authenticator", { name: refused.name }),
        advice: message("code-other-authenticator-advice"),
      };
    case "set-up-elsewhere":
      return { text: message("code-set-up-elsewhere"), advice: message("code-set-up-elsewhere-advice") };
    case "wrong-pair":
      return { text: message("code-wrong-pair"), advice: message("code-wrong-pair-advice") };
  }
}

const HALF_AN_HOUR_SECONDS = 1_800;

/** Whether a clock is so far off that it is probably right, but in another time zone. */
function isZone(seconds: number): boolean {
  return seconds >= HALF_AN_HOUR_SECONDS;
}

const RECOVERY_CODE_REFUSALS: Record<RecoveryCodeRefusal, (at: Date | undefined) => Wording> = {
  typo: () => ({ text: message("recovery-code-typo"), advice: message("recovery-code-typo-advice") }),
  unknown: () => ({
    text: message("recovery-code-unknown"),
    advice: message("recovery-code-unknown-advice"),
  }),
  used: (at) => ({
    text: at ? message("recovery-code-used", { at }) : message("recovery-code-used-before"),
    advice: message("recovery-code-used-advice"),
  }),
  replaced: (at) => ({
    text: at ? message("recovery-code-replaced", { at }) : message("recovery-code-replaced-before"),
    advice: message("recovery-code-replaced-advice"),
  }),
};
