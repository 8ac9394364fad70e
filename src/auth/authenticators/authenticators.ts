/** Authenticators: secrets that an app has been proved to have, sealed away; each of their codes is good once. */
import { AUTHENTICATOR_APP, matchingStep, matchingSteps, timeStep } from "../../otp/index.js";
import type { AuthContext } from "../context.js";
import type { Authenticator, Enrolment, Store } from "../store.js";
import { type Diagnosis, diagnoseAtSignIn, driftInSeconds, isSpent, SEARCH, WINDOW } from "./diagnosis.js";

export interface AuthenticatorView {
  id: string;
  name: string;
  /** What the app shows beside the issuer. */
  label: string;
  createdAt: Date;
  lastUsedAt: Date;
  /** How far its clock is ahead of ours, in seconds; undefined where that plays no part. */
  driftSeconds: number | undefined;
}

/** The label in the app: the username, and from the second enrolment on its number, so that old and new can be told apart. */
export function labelOf(username: string, number: number): string {
  return number === 1 ? username : `${username} (${number})`;
}

/**
 * Turns an enrolment that the caller has taken into an authenticator; the step that confirmed it is spent.
 */
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

/**
 * Accepts a code of any of these authenticators and spends its step: each is good once, and none older after it. Else tells
 * why not. The caller holds the account's lock.
 */
export async function acceptCode(
  auth: AuthContext,
  store: Store,
  authenticators: Authenticator[],
  code: string,
): Promise<"accepted" | Diagnosis> {
  const now = auth.clock();
  for (const one of authenticators) {
    const step = acceptableStep(auth, one, code);
    if (step === undefined) continue;
    const seen = driftInSeconds(step, now);
    if (!(await store.authenticators.spendStep(one.id, step, now, nextDrift(auth, one, seen)))) continue;
    auth.drifts.note(one.accountId, seen);
    return "accepted";
  }
  return mostTelling(authenticators.map((one) => diagnoseAuthenticator(auth, one, code)));
}

/** The step near an authenticator's present that this code is right for. */
export function acceptableStep(
  auth: AuthContext,
  authenticator: Authenticator,
  code: string,
): number | undefined {
  const at = presentStep(auth, authenticator) * AUTHENTICATOR_APP.period;
  return matchingStep(secretOf(auth, authenticator), code, at, WINDOW, AUTHENTICATOR_APP);
}

/** The time step that its clock is taken to show now: ours, moved by the drift that is remembered. */
export function presentStep(auth: AuthContext, { driftSeconds }: Authenticator): number {
  const drift = auth.policy.resync ? Math.round((driftSeconds ?? 0) / AUTHENTICATOR_APP.period) : 0;
  return timeStep(auth.clock() / 1000) + drift;
}

function diagnoseAuthenticator(auth: AuthContext, authenticator: Authenticator, code: string): Diagnosis {
  const { accountId } = authenticator;
  const now = auth.clock();
  const present = presentStep(auth, authenticator);
  const at = present * AUTHENTICATOR_APP.period;
  const steps = matchingSteps(secretOf(auth, authenticator), code, at, SEARCH, AUTHENTICATOR_APP);
  const unspent = steps.find((step) => !isSpent(authenticator, step));
  if (unspent !== undefined) auth.drifts.note(accountId, driftInSeconds(unspent, now));
  return diagnoseAtSignIn(steps, { ...authenticator, now, present });
}

/** The last time step that may be accepted now, by the server's clock. */
function edgeOf(auth: AuthContext) {
  return { edge: timeStep(auth.clock() / 1000) + WINDOW, followsDrift: auth.policy.resync };
}

/**
 * After the server's clock ran ahead and was corrected, last steps that were accepted meanwhile lie in the future, and every code
 * before them is refused. Resets those of an account to the end of the present window, and leaves all others. Codes that may have
 * been accepted meanwhile stay spent (RFC 6238 §5.2): from the step of the first history line in the future on. The caller holds
 * the account's lock.
 * @returns how many were reset
 */
export async function liftStepsAhead(auth: AuthContext, store: Store, accountId: string): Promise<number> {
  const first = await store.history.firstAfter(accountId, auth.clock());
  const from = first === undefined ? undefined : timeStep(first / 1000) - WINDOW;
  return store.authenticators.liftAhead(accountId, { ...edgeOf(auth), from });
}

/** In time steps. The clocks of several nodes may differ by a minute, so that much ahead is not reported. */
const NODES_APART = 2;

export interface StepsAhead {
  authenticators: number;
  /** Of their accounts, sorted. */
  usernames: string[];
  /** Whether there are more names than these. */
  more: boolean;
}

const NAMES_SHOWN = 20;

/** How many authenticators refuse every code because a clock ran ahead. @throws StoreUnavailable */
export async function stepsAhead(auth: AuthContext): Promise<StepsAhead> {
  const { edge, followsDrift } = edgeOf(auth);
  const ahead = { edge: edge + NODES_APART, followsDrift };
  const { authenticators, usernames } = await auth.store.authenticators.countAhead(ahead, NAMES_SHOWN + 1);
  const more = usernames.length > NAMES_SHOWN;
  return { authenticators, usernames: usernames.slice(0, NAMES_SHOWN), more };
}

function mostTelling(diagnoses: Diagnosis[]): Diagnosis {
  return (
    diagnoses.find(({ reason }) => reason === "used") ??
    diagnoses.find(({ reason }) => reason === "earlier-step") ?? { reason: "wrong" }
  );
}

/**
 * Where a clock was once found to be off, it goes on drifting: what is remembered moves half of the way to what was seen
 * (RFC 6238 §6). More would make one code that was typed late move the window; less would lose clocks that are bad. Never
 * farther than two codes in a row are looked for, or nothing would find such a clock again.
 */
function nextDrift(auth: AuthContext, { driftSeconds }: Authenticator, seen: number): number | null {
  // Without RESYNC this code was right by our own clock: what was once remembered is no longer true.
  if (!auth.policy.resync || driftSeconds === null) return null;
  const next = driftSeconds + Math.round((seen - driftSeconds) / 2);
  const farthest = SEARCH * AUTHENTICATOR_APP.period;
  return Math.min(Math.max(next, -farthest), farthest);
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

/** The secret of an authenticator. @throws SealError */
export function secretOf(auth: AuthContext, authenticator: Authenticator): Uint8Array {
  return openSecret(auth, { ...authenticator, authenticatorId: authenticator.id });
}

interface Owned {
  accountId: string;
  authenticatorId: string;
}

export function sealSecret(auth: AuthContext, owned: Owned, secret: Uint8Array): string {
  return auth.keys.seal(secret, sealContext(owned), auth.random(12));
}

/** @throws SealError */
export function openSecret(auth: AuthContext, sealed: Owned & { sealedSecret: string }): Uint8Array {
  return auth.keys.open(sealed.sealedSecret, sealContext(sealed));
}

/** What the secret of an authenticator is bound to, confirmed or not. */
export function sealContext({ accountId, authenticatorId }: Owned): string {
  return `totp ${accountId} ${authenticatorId}`;
}
