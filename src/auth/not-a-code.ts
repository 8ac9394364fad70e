/** What was typed has not the shape of a code: whether it belongs into the other field, judged by its shape alone. */
import { codeOf } from "./code.js";
import { readRecoveryCode } from "./recovery-code.js";

export interface NotACode {
  outcome: "not-a-code";
  /** Whether it is a recovery code where a code is wanted, or the other way round. */
  isOther: boolean;
}

/** Looks at no account: nothing is counted, spent or given away, and one with a typing mistake is a recovery code too. */
export function notACode(typed: { otp: string; otpNext?: string } | { recoveryCode: string }): NotACode {
  const isOther =
    "otp" in typed
      ? [typed.otp, typed.otpNext ?? ""].some((one) => readRecoveryCode(one) !== undefined)
      : codeOf(typed.recoveryCode) !== undefined;
  return { outcome: "not-a-code", isOther };
}
