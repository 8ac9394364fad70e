/** Recognises text typed into the wrong field, by its shape alone. Tests: test/web/pages/wrong-field.test.ts */
import { parseCode } from "../authenticators/code.js";
import { readRecoveryCode } from "./recovery-code.js";

export interface NotACode {
  outcome: "not-a-code";
  /** Whether it is a recovery code in the code field, or the other way round. */
  isForOtherField: boolean;
}

/** Reads no account: nothing is counted, spent or revealed. A recovery code with a typing mistake counts as one. */
export function notACode(typed: { otp: string; otpNext?: string } | { recoveryCode: string }): NotACode {
  const isForOtherField =
    "otp" in typed
      ? [typed.otp, typed.otpNext ?? ""].some((one) => readRecoveryCode(one) !== undefined)
      : parseCode(typed.recoveryCode) !== undefined;
  return { outcome: "not-a-code", isForOtherField };
}
