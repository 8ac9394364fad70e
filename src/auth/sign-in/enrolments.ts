/**
 * Enrolment: the server makes a secret and shows it until a code proves that an app has it.
 * Tests: test/security/chosen-secret.test.ts, test/web/pages/earlier-set-ups.test.ts
 */
import { keyUri, matchingStep, STANDARD_PARAMETERS, toBase32 } from "../../otp/index.js";
import { acceptableStep } from "../authenticators/accept-code.js";
import { labelOf } from "../authenticators/authenticators.js";
import { parseDigits } from "../authenticators/code.js";
import type { CodeRefused } from "../authenticators/diagnosis.js";
import {
  type Diagnosis,
  diagnose,
  driftInSeconds,
  driftOf,
  otherDigits,
} from "../authenticators/diagnosis.js";
import { openSecret, sealSecret } from "../authenticators/secrets.js";
import { type AuthContext, aboutOf, type Client, newId } from "../context.js";
import { SealError } from "../keys/encryption.js";
import { ENROLMENT_LIFETIME, MAX_EARLIER_ENROLMENTS, SECRET_BYTES, WINDOW_STEPS } from "../policy.js";
import { refusalEvent } from "../refusal.js";
import type { PendingLogin, Session } from "../sessions/sessions.js";
import type { Authenticator, EarlierEnrolment, Enrolment, SessionKind, Store } from "../store.js";
import { lockoutFor } from "../throttle/lockout.js";
import { onAccount } from "../transaction.js";
import type { TypedFactorOrPair } from "./second-factor.js";

/** What the set-up page shows. */
export interface EnrolmentView {
  /** Base32, upper-case, without spaces. */
  secret: string;
  /** `otpauth://totp/…` for the QR and for an app on the same phone. */
  uri: string;
  /** What the app will show beside the issuer. */
  label: string;
}

/**
 * The secret being set up by this pending login or session: made on the first call, the same on every later one;
 * undefined when the login or session has ended meanwhile.
 * @throws SealError, StoreUnavailable
 */
export async function enrolmentOf(
  auth: AuthContext,
  owner: PendingLogin | Session,
): Promise<EnrolmentView | undefined> {
  const begun = await auth.store.enrolments.of(owner.idHash);
  const enrolment =
    begun && !isTooOld(auth, owner.kind, begun.createdAt) ? begun : await beginEnrolment(auth, owner);
  if (!enrolment) return undefined;
  const secret = toBase32(openSecret(auth, enrolment));
  const label = labelOf(owner.username, enrolment);
  return { secret, label, uri: keyUri({ issuer: auth.issuer, username: label, secret }) };
}

function beginEnrolment(auth: AuthContext, owner: PendingLogin | Session): Promise<Enrolment | undefined> {
  const { accountId, idHash: sessionHash } = owner;
  return onAccount(auth, accountId, undefined, async ({ auth, store }) => {
    // With two tabs at once, the second finds what the first began, and no number is skipped.
    const begun = await store.enrolments.of(sessionHash);
    if (begun && !isTooOld(auth, owner.kind, begun.createdAt)) return begun;
    // Kept among the earlier ones, so that its codes are recognised.
    if (begun) await store.enrolments.setAside(sessionHash);
    const number = await store.accounts.nextEnrolment(accountId);
    if (number === undefined) return undefined;
    await store.enrolments.forgetUpTo(accountId, number - 1 - MAX_EARLIER_ENROLMENTS, auth.clock());
    const authenticatorId = newId(auth.random);
    return store.enrolments.insertOrGet({
      sessionHash,
      accountId,
      authenticatorId,
      number,
      sealedSecret: sealSecret(auth, { accountId, authenticatorId }, auth.random(SECRET_BYTES)),
      createdAt: auth.clock(),
      label: null,
    });
  });
}

/** A secret that was on the screen for hours may have been photographed, so in a session it can be confirmed for a limited time. */
export function isTooOld(auth: AuthContext, kind: SessionKind, createdAt: number): boolean {
  return kind === "session" && auth.clock() - createdAt > ENROLMENT_LIFETIME;
}

interface SetUp {
  owner: PendingLogin | Session;
  enrolment: Enrolment;
  /** The account's other authenticators. */
  others: Authenticator[];
}

/** Checks whether a code proves that an app has the enrolment's secret: the time step to spend, or why not. */
export async function checkEnrolment(
  auth: AuthContext,
  store: Store,
  { owner, enrolment, others }: SetUp,
  code: string,
): Promise<{ step: number } | Diagnosis> {
  const { accountId } = owner;
  const now = auth.clock();
  const secret = openSecret(auth, enrolment);
  const step = matchingStep(secret, code, now / 1000, WINDOW_STEPS, STANDARD_PARAMETERS);
  if (step !== undefined) {
    auth.drifts.note(accountId, driftInSeconds(step, now));
    return { step };
  }
  const ofOther = (await ofAnother(auth, store, others, code)) ?? (await ofEarlier(auth, store, owner, code));
  if (ofOther) return ofOther;
  const diagnosis = diagnose(secret, code, now / 1000) ?? { reason: "wrong" };
  const drift = driftOf(diagnosis, now);
  if (drift !== undefined) auth.drifts.note(accountId, drift);
  return diagnosis;
}

/**
 * Recognises a code of the secret being set up that has 7 or 8 digits. Such a code is never accepted, so it is no guess: it is not
 * counted, and leaves no line in the history.
 */
export async function refuseOtherDigits(
  auth: AuthContext,
  owner: PendingLogin | Session,
  typed: TypedFactorOrPair,
  client: Client,
): Promise<CodeRefused | undefined> {
  const code = "otp" in typed ? parseDigits(typed.otp) : undefined;
  if (code === undefined) return undefined;
  const enrolment = await auth.store.enrolments.of(owner.idHash);
  if (!enrolment || (await lockoutFor(auth, owner, client))) return undefined;
  const sample = { secret: openSecret(auth, enrolment), code, unixSeconds: auth.clock() / 1000 };
  const diagnosis = otherDigits(sample, STANDARD_PARAMETERS);
  if (!diagnosis) return undefined;
  const refused: CodeRefused = { outcome: "code-refused", ...diagnosis };
  auth.report({ ...refusalEvent(refused), ...aboutOf(owner, client) });
  return refused;
}

/** A code of another authenticator. Spends its step: this form must not reveal a code that is still valid. */
async function ofAnother(
  auth: AuthContext,
  store: Store,
  others: Authenticator[],
  code: string,
): Promise<Diagnosis | undefined> {
  for (const other of others) {
    const step = acceptableStep(auth, other, code);
    if (step === undefined) continue;
    await store.authenticators.spendStep(other.id, step, auth.clock(), other.driftSeconds);
    return { reason: "other-authenticator", name: other.name };
  }
  return undefined;
}

/** A code of a secret that was shown earlier and never confirmed. */
async function ofEarlier(
  auth: AuthContext,
  store: Store,
  owner: PendingLogin | Session,
  code: string,
): Promise<Diagnosis | undefined> {
  const earlier = await store.enrolments.others(owner.accountId, owner.idHash, MAX_EARLIER_ENROLMENTS);
  const found = earlier.find((one) => isCodeOf(auth, one, code));
  return found && { reason: "earlier-qr", label: labelOf(owner.username, found) };
}

/**
 * Whether a code belongs to an earlier secret, which can no longer be confirmed. A secret sealed with a dropped key counts as
 * forgotten: nothing else depends on it.
 */
export function isCodeOf(auth: AuthContext, enrolment: EarlierEnrolment, code: string): boolean {
  try {
    const secret = openSecret(auth, enrolment);
    return matchingStep(secret, code, auth.clock() / 1000, WINDOW_STEPS, STANDARD_PARAMETERS) !== undefined;
  } catch (error) {
    if (error instanceof SealError) return false;
    throw error;
  }
}
