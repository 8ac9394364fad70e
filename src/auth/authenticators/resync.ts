/** Resynchronisation (RFC 6238 §6): two codes in a row find an authenticator whose clock is further off than the window. */
import { AUTHENTICATOR_APP, codesAround, isSameCode } from "../../otp/index.js";
import type { AuthContext } from "../context.js";
import type { Authenticator, Store } from "../store.js";
import { secretOf } from "./authenticators.js";
import { driftInSeconds, isSpent, SEARCH } from "./diagnosis.js";

/** Two codes that an app shows one after the other. */
export type Pair = readonly [first: string, second: string];

/**
 * Accepts two codes in a row of one of these authenticators, spends both steps and remembers the drift. Nothing is told of
 * one code alone: undefined whether none fits, one, or both that were spent before.
 */
export async function acceptPair(
  auth: AuthContext,
  store: Store,
  authenticators: Authenticator[],
  pair: Pair,
): Promise<Authenticator | undefined> {
  if (!auth.policy.resync) return undefined;
  const now = auth.clock();
  for (const one of authenticators) {
    const step = firstStep(auth, one, pair);
    if (step === undefined) continue;
    const drift = driftInSeconds(step + 1, now);
    if (!(await store.authenticators.spendPair(one.id, step, now, Math.round(drift)))) continue;
    auth.drifts.note(one.accountId, drift);
    return one;
  }
  return undefined;
}

/** The step of the first code, where the second is right for the next and neither is spent. */
function firstStep(auth: AuthContext, one: Authenticator, [first, second]: Pair): number | undefined {
  const codes = codesAround(secretOf(auth, one), auth.clock() / 1000, SEARCH, AUTHENTICATOR_APP);
  const found = codes.find(
    ({ step, code }, index) =>
      !isSpent(one, step) &&
      !isSpent(one, step + 1) &&
      isSameCode(code, first) &&
      isSameCode(codes[index + 1]?.code ?? "", second),
  );
  return found?.step;
}
