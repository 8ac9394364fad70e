/**
 * Refusals of codes, and the events that record them.
 * Tests: test/security/refusal-oracle.test.ts, test/web/text/refusals.test.ts
 */
import type { CodeRefused, Diagnosis } from "./authenticators/diagnosis.js";
import type { RecoveryCodeRefusal, SecurityEvent } from "./events.js";

/** Why a second factor was refused; `at` is when a recovery code was used, or its sheet replaced. */
export type Refusal =
  | CodeRefused
  | { outcome: "recovery-code-refused"; reason: RecoveryCodeRefusal; at?: Date };

/** The event of a refusal, for the history and the log. */
export function refusalEvent(refusal: Refusal): Extract<SecurityEvent, { reason: Refusal["reason"] }> {
  if (refusal.outcome === "recovery-code-refused") {
    return { type: "recovery-code-refused", reason: refusal.reason };
  }
  const subject = subjectOf(refusal);
  return { type: "code-refused", reason: refusal.reason, ...(subject !== undefined && { subject }) };
}

/** The detail of a refusal: how many seconds a clock is off, which setting the app used, or which entry the code was from. */
function subjectOf(diagnosis: Diagnosis): string | undefined {
  switch (diagnosis.reason) {
    case "earlier-step":
    case "later-step":
      return String(diagnosis.seconds);
    case "other-algorithm":
      return diagnosis.algorithm;
    case "other-digits":
      return String(diagnosis.digits);
    case "other-period":
      return String(diagnosis.period);
    case "earlier-qr":
      return diagnosis.label;
    case "other-authenticator":
      return diagnosis.name;
    default:
      return undefined;
  }
}
