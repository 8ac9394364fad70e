/**
 * Authenticators: confirmed TOTP secrets. Checks a code and spends its time step, so that a replay is refused. Tests:
 * test/security/replay.test.ts
 */
import { AUTHENTICATOR_APP, matchingStep, matchingSteps } from "../../otp/index.js";
import type { AuthContext } from "../context.js";
import { SEARCH, WINDOW } from "../policy.js";
import type { Authenticator, Enrolment, Store } from "../store.js";
import { type CodeRefused, type Diagnosis, diagnoseAtSignIn, driftInSeconds, isSpent } from "./diagnosis.js";
import { clockOf } from "./resync.js";
import { secretOf } from "./secrets.js";

export interface AuthenticatorView {
  id: string;
  name: string;
  /** What the app shows beside the issuer. */
  label: string;
  createdAt: Date;
  lastUsedAt: Date;
  /** How far its clock is ahead of ours, in seconds; undefined without RESYNC. */
  driftSeconds: number | undefined;
}

/** The label in the app: the username, and from the second enrolment on its number, so that old and new can be told apart. */
export function labelOf(username: string, number: number): string {
  return number === 1 ? username : `${username} (${number})`;
}

/** Turns an enrolment that the caller has taken into an authenticator. The step that confirmed it is spent. */
export async function insertAuthenticator(
  auth: AuthContext,
  store: Store,
  enrolment: Enrolment,
  step: number,
  name: string,
): Promise<void> {
  const now = auth.clock();
  await store.authenticators.add({
    id: enrolment.authenticatorId,
    accountId: enrolment.accountId,
    name,
    number: enrolment.number,
    sealedSecret: enrolment.sealedSecret,
    lastStep: step,
    createdAt: now,
    lastUsedAt: now,
    driftSeconds: null,
  });
}

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
  const at = clockOf(auth, authenticator).present * AUTHENTICATOR_APP.period;
  return matchingStep(secretOf(auth, authenticator), code, at, WINDOW, AUTHENTICATOR_APP);
}

/** Why this authenticator did not accept the code, limited to what may be revealed. */
function diagnoseCode(auth: AuthContext, authenticator: Authenticator, code: string): Diagnosis {
  const now = auth.clock();
  const { present } = clockOf(auth, authenticator);
  const at = present * AUTHENTICATOR_APP.period;
  const steps = matchingSteps(secretOf(auth, authenticator), code, at, SEARCH, AUTHENTICATOR_APP);
  const unspent = steps.find((step) => !isSpent(authenticator, step));
  if (unspent !== undefined) auth.drifts.note(authenticator.accountId, driftInSeconds(unspent, now));
  return diagnoseAtSignIn(steps, { ...authenticator, now, present });
}

/** With several authenticators the most helpful reason wins. */
function mostHelpful(diagnoses: Diagnosis[]): Diagnosis {
  return (
    diagnoses.find(({ reason }) => reason === "used") ??
    diagnoses.find(({ reason }) => reason === "earlier-step") ?? { reason: "wrong" }
  );
}

/** What the account page lists, in the order in which they were set up. */
export async function authenticatorsOf(
  auth: AuthContext,
  owner: { accountId: string; username: string },
): Promise<AuthenticatorView[]> {
  const authenticators = await auth.store.authenticators.of(owner.accountId);
  return authenticators.map(({ id, name, number, createdAt, lastUsedAt, driftSeconds }) => ({
    id,
    name,
    label: labelOf(owner.username, number),
    createdAt: new Date(createdAt),
    lastUsedAt: new Date(lastUsedAt),
    driftSeconds: auth.policy.resync && driftSeconds !== null ? driftSeconds : undefined,
  }));
}
