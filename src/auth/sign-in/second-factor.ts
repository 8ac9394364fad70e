/**
 * The second factor at sign-in and at step-up: a code, two codes in a row (resynchronisation), or a recovery code.
 * Tests: test/security/replay.test.ts, test/web/pages/wrong-field.test.ts
 */
import { acceptCode } from "../authenticators/accept-code.js";
import { parseCode } from "../authenticators/code.js";
import { acceptPair, type Pair } from "../authenticators/resync.js";
import type { AuthContext } from "../context.js";
import { readRecoveryCode } from "../recovery/recovery-code.js";
import { spendRecoveryCode, type UsedRecoveryCode } from "../recovery/recovery-codes.js";
import type { Refusal } from "../refusal.js";
import type { Store } from "../store.js";

/** One proof, as typed. */
export type TypedFactor = { otp: string; otpNext?: never } | { recoveryCode: string };

/** At sign-in also two codes in a row. */
export type TypedFactorOrPair = TypedFactor | { otp: string; otpNext: string };

/** A parsed second factor. Only its shape has been checked. */
export type SecondFactor = { code: string } | { pair: Pair } | { recoveryCode: string | "typo" };

/** Parses what was typed; undefined if it does not have the shape of a code, so there is nothing to evaluate or count. */
export function readSecondFactor(typed: TypedFactorOrPair): SecondFactor | undefined {
  if ("otp" in typed) {
    const code = parseCode(typed.otp);
    if (code === undefined) return undefined;
    if (typed.otpNext === undefined) return { code };
    const next = parseCode(typed.otpNext);
    return next === undefined ? undefined : { pair: [code, next] };
  }
  const read = readRecoveryCode(typed.recoveryCode);
  return read && { recoveryCode: read === "typo" ? "typo" : read.code };
}

/** The same text for the same code, however it was spaced. For a mistyped recovery code: the text as typed. */
export function normalisedCode(typed: TypedFactorOrPair, factor: SecondFactor): string {
  const isTypo = "recoveryCode" in factor && factor.recoveryCode === "typo";
  return JSON.stringify(isTypo ? typed : factor);
}

export interface Proved {
  outcome: "proved";
  method: "totp" | "recovery-code";
  recoveryCode?: UsedRecoveryCode;
  /** The name of the authenticator that two codes in a row resynchronised. */
  resynchronised?: string;
}

/** Spends a code of one of the account's authenticators, or one of its recovery codes: each works once. */
export async function proveSecondFactor(
  auth: AuthContext,
  store: Store,
  accountId: string,
  factor: SecondFactor,
): Promise<Proved | Refusal> {
  if ("recoveryCode" in factor) {
    const result = await spendRecoveryCode(auth, store, accountId, factor.recoveryCode);
    if ("reason" in result) return { outcome: "recovery-code-refused", ...result };
    return { outcome: "proved", method: "recovery-code", recoveryCode: result };
  }
  const authenticators = await store.authenticators.of(accountId);
  if ("pair" in factor) {
    const found = await acceptPair(auth, store, authenticators, factor.pair);
    if (!found) return { outcome: "code-refused", reason: "wrong-pair" };
    return { outcome: "proved", method: "totp", resynchronised: found.name };
  }
  return acceptCode(auth, store, authenticators, factor.code);
}

/** The event for a used recovery code: `2/4` is the fourth code of the second sheet. */
export function recoveryCodeUsedEvent({ sheet, position }: UsedRecoveryCode) {
  return { type: "recovery-code-used", subject: `${sheet}/${position}` } as const;
}
