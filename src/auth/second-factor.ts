/** The second factor as it is typed at sign-in and at step-up: a code of an authenticator, or a recovery code. */
import { acceptCode } from "./authenticators.js";
import { codeOf } from "./code.js";
import type { AuthContext } from "./context.js";
import type { CodeRefusal, RecoveryCodeRefusal, SecurityEvent } from "./events.js";
import { readRecoveryCode } from "./recovery-code.js";
import { type UsedRecoveryCode, useRecoveryCode } from "./recovery-codes.js";
import type { Store } from "./store.js";

/** As a person typed it. */
export type Typed = { otp: string } | { recoveryCode: string };

/** What was typed, read; its shape is right, nothing more. */
export type SecondFactor = { code: string } | { recoveryCode: string | "typo" };

/** Undefined when it has not the shape of a code at all: nothing to evaluate, and nothing to count. */
export function readSecondFactor(typed: Typed): SecondFactor | undefined {
  if ("otp" in typed) {
    const code = codeOf(typed.otp);
    return code === undefined ? undefined : { code };
  }
  const read = readRecoveryCode(typed.recoveryCode);
  return read && { recoveryCode: read === "typo" ? "typo" : read.code };
}

/** Why a second factor was refused; `at` tells when a recovery code was used, or its sheet replaced. */
export type Refusal =
  | { outcome: "code-refused"; reason: CodeRefusal }
  | { outcome: "recovery-code-refused"; reason: RecoveryCodeRefusal; at?: Date };

export type Proved = { outcome: "proved"; method: "totp" | "recovery-code"; recoveryCode?: UsedRecoveryCode };

/** Spends a code of one of the account's authenticators, or one of its recovery codes: each is good once. */
export async function proveSecondFactor(
  auth: AuthContext,
  store: Store,
  accountId: string,
  factor: SecondFactor,
): Promise<Proved | Refusal> {
  if ("recoveryCode" in factor) {
    const result = await useRecoveryCode(auth, store, accountId, factor.recoveryCode);
    if ("reason" in result) return { outcome: "recovery-code-refused", ...result };
    return { outcome: "proved", method: "recovery-code", recoveryCode: result };
  }
  const result = await acceptCode(auth, store, await store.authenticators.of(accountId), factor.code);
  if (result !== "accepted") return { outcome: "code-refused", reason: result };
  return { outcome: "proved", method: "totp" };
}

/** A refusal as the history and the log tell it. */
export function refusalEvent(refusal: Refusal): Extract<SecurityEvent, { reason: Refusal["reason"] }> {
  return refusal.outcome === "code-refused"
    ? { type: "code-refused", reason: refusal.reason }
    : { type: "recovery-code-refused", reason: refusal.reason };
}

/** The use of a recovery code as the history and the log tell it: `2/4` is the fourth code of the second sheet. */
export function useEvent({ sheet, position }: UsedRecoveryCode) {
  return { type: "recovery-code-used", subject: `${sheet}/${position}` } as const;
}
