/**
 * Resynchronisation (RFC 6238 §6): two codes in a row find an authenticator whose clock is further off than the window.
 * Tests: test/security/resync.test.ts, test/security/resync-drift.test.ts, test/security/resync-guesses.test.ts
 */
import { codesAround, isSameCode, STANDARD_PARAMETERS } from "../../otp/index.js";
import type { AuthContext } from "../context.js";
import { SEARCH_STEPS } from "../policy.js";
import type { Authenticator, Store } from "../store.js";
import { driftInSeconds, isSpent } from "./diagnosis.js";
import { secretOf } from "./secrets.js";

/** Two codes that an app shows one after the other. */
export type Pair = readonly [first: string, second: string];

/**
 * Accepts two consecutive codes of one of these authenticators, spends both steps and remembers the drift. Otherwise undefined,
 * which reveals nothing about a single code: neither may fit, one, or both of them may be spent.
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

/** The step of the first code, if the second is right for the next step and neither is spent. */
function firstStep(auth: AuthContext, one: Authenticator, [first, second]: Pair): number | undefined {
  const codes = codesAround(secretOf(auth, one), auth.clock() / 1000, SEARCH_STEPS, STANDARD_PARAMETERS);
  const found = codes.find(
    ({ step, code }, index) =>
      !isSpent(one, step) &&
      !isSpent(one, step + 1) &&
      isSameCode(code, first) &&
      isSameCode(codes[index + 1]?.code ?? "", second),
  );
  return found?.step;
}
