/**
 * Accepts a code once: checks it, spends its time step, and refuses a replay. Says why a code was refused.
 * Tests: test/security/replay.test.ts, test/security/replay-inside.test.ts
 */
import { matchingStep, matchingSteps, STANDARD_PARAMETERS } from "../../otp/index.js";
import type { AuthContext } from "../context.js";
import { SEARCH_STEPS, WINDOW_STEPS } from "../policy.js";
import type { Authenticator, Store } from "../store.js";
import { clockOf } from "./authenticator-clock.js";
import { type CodeRefused, type Diagnosis, diagnoseAtSignIn, driftInSeconds, isSpent } from "./diagnosis.js";
import { secretOf } from "./secrets.js";

export interface CodeProved {
  outcome: "proved";
  method: "totp";
}

/**
 * Accepts a code of any of these authenticators and spends its time step, so that neither it nor an older one is accepted again
 * (replay, RFC 6238 §5.2, ASVS 5.0 6.5.1). Otherwise says why not. The caller holds the account's lock.
 */
export async function acceptCode(
  auth: AuthContext,
  store: Store,
  authenticators: Authenticator[],
  code: string,
): Promise<CodeProved | CodeRefused> {
  const now = auth.clock();
  for (const one of authenticators) {
    const step = acceptableStep(auth, one, code);
    if (step === undefined) continue;
    const drift = driftInSeconds(step, now);
    // A replay: spent before, perhaps at this very moment. Another authenticator may match, else the diagnosis says `used`.
    if (!(await store.authenticators.spendStep(one.id, step, now, clockOf(auth, one).driftAfter(drift))))
      continue;
    auth.drifts.note(one.accountId, drift);
    return { outcome: "proved", method: "totp" };
  }
  return {
    outcome: "code-refused",
    ...mostHelpful(authenticators.map((one) => diagnoseCode(auth, one, code))),
  };
}

/** The time step within the window for which this code is right; undefined for any other code. Spends nothing. */
export function acceptableStep(
  auth: AuthContext,
  authenticator: Authenticator,
  code: string,
): number | undefined {
  const at = clockOf(auth, authenticator).currentStep * STANDARD_PARAMETERS.period;
  return matchingStep(secretOf(auth, authenticator), code, at, WINDOW_STEPS, STANDARD_PARAMETERS);
}

/** Why this authenticator did not accept the code, limited to what may be revealed. */
function diagnoseCode(auth: AuthContext, authenticator: Authenticator, code: string): Diagnosis {
  const now = auth.clock();
  const { currentStep } = clockOf(auth, authenticator);
  const at = currentStep * STANDARD_PARAMETERS.period;
  const steps = matchingSteps(secretOf(auth, authenticator), code, at, SEARCH_STEPS, STANDARD_PARAMETERS);
  const unspent = steps.find((step) => !isSpent(authenticator, step));
  if (unspent !== undefined) auth.drifts.note(authenticator.accountId, driftInSeconds(unspent, now));
  return diagnoseAtSignIn(steps, { ...authenticator, now, currentStep });
}

/** With several authenticators the most helpful reason wins. */
function mostHelpful(diagnoses: Diagnosis[]): Diagnosis {
  return (
    diagnoses.find(({ reason }) => reason === "used") ??
    diagnoses.find(({ reason }) => reason === "earlier-step") ?? { reason: "wrong" }
  );
}
