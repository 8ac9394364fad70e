/**
 * Resynchronisation (RFC 6238 §6): two codes in a row find an authenticator whose clock is further off than the window.
 * Tests: test/security/resync.test.ts, test/security/resync-drift.test.ts, test/security/resync-guesses.test.ts
 */
import { codesAround, isSameCode, STANDARD_PARAMETERS, timeStep } from "../../otp/index.js";
import type { AuthContext } from "../context.js";
import { SEARCH_STEPS } from "../policy.js";
import type { Authenticator, Store } from "../store.js";
import { driftInSeconds, isSpent } from "./diagnosis.js";
import { secretOf } from "./secrets.js";

/** An authenticator's clock, as far as we know it. */
interface AuthenticatorClock {
  /** The time step that it presumably shows now. */
  currentStep: number;
  /** The drift to remember once a code has shown `seen` seconds; null for none. */
  driftAfter(seen: number): number | null;
}

/** The server's clock, moved by the remembered drift with RESYNC=on. */
export function clockOf(
  auth: AuthContext,
  { driftSeconds }: Pick<Authenticator, "driftSeconds">,
): AuthenticatorClock {
  const server = timeStep(auth.clock() / 1000);
  // Without RESYNC a code must be right by our own clock, and a drift remembered from before is out of date.
  if (!auth.policy.resync || driftSeconds === null) return { currentStep: server, driftAfter: () => null };
  return {
    currentStep: server + Math.round(driftSeconds / STANDARD_PARAMETERS.period),
    driftAfter: (seen) => nextDrift(driftSeconds, seen),
  };
}

/**
 * A clock that was off goes on drifting, so the remembered drift moves half of the way to the drift just seen (RFC 6238 §6). With
 * more, one code typed late would move the window; with less, bad clocks would get lost. It stays within the distance that two
 * codes in a row are searched, or nothing would find such a clock again.
 */
function nextDrift(remembered: number, seen: number): number {
  const next = remembered + Math.round((seen - remembered) / 2);
  const max = SEARCH_STEPS * STANDARD_PARAMETERS.period;
  return Math.min(Math.max(next, -max), max);
}

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
