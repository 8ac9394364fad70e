/** Authenticators: a secret that the server makes, shown until a code proves that an app has it, then sealed away. */
import { AUTHENTICATOR_APP, keyUri, matchingStep, toBase32 } from "../otp/index.js";
import { type AuthContext, newId } from "./context.js";
import { SealError } from "./encryption.js";
import { ENROLMENT_LASTS, SECRET_BYTES } from "./policy.js";
import type { PendingLogin, Session } from "./sessions.js";
import type { Authenticator, Enrolment, Store } from "./store.js";
import { onAccount } from "./transaction.js";

/** One time step each side: a phone's clock may be half a minute off, and typing takes time (RFC 6238 §5.2). */
const WINDOW = 1;

/** What the set-up page shows. */
export interface EnrolmentView {
  /** Base32, upper-case, without spaces. */
  secret: string;
  /** `otpauth://totp/…` for the QR and for an app on the same phone. */
  uri: string;
  /** What the app will show beside the issuer. */
  label: string;
}

export interface AuthenticatorView {
  id: string;
  name: string;
  /** What the app shows beside the issuer. */
  label: string;
  createdAt: Date;
  lastUsedAt: Date;
}

/** The label in the app: the username, and from the second enrolment on its number, so that old and new can be told apart. */
function labelOf(username: string, number: number): string {
  return number === 1 ? username : `${username} (${number})`;
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
  const kept = begun && !isTooOld(auth, owner, begun) ? begun : await beginEnrolment(auth, owner);
  if (!kept) return undefined;
  const secret = toBase32(openSecret(auth, kept));
  const label = labelOf(owner.username, kept.number);
  return { secret, label, uri: keyUri({ issuer: auth.issuer, username: label, secret }) };
}

function beginEnrolment(auth: AuthContext, owner: PendingLogin | Session): Promise<Enrolment | undefined> {
  const { accountId, idHash: sessionHash } = owner;
  return onAccount(auth, accountId, undefined, async ({ store }) => {
    // Two tabs at once: the second finds what the first has begun, and no number is skipped.
    const begun = await store.enrolments.of(sessionHash);
    if (begun && !isTooOld(auth, owner, begun)) return begun;
    if (begun) await store.enrolments.take(sessionHash);
    const number = await store.accounts.nextEnrolment(accountId);
    if (number === undefined) return undefined;
    const authenticatorId = newId(auth.random);
    return store.enrolments.keep({
      sessionHash,
      accountId,
      authenticatorId,
      number,
      sealedSecret: auth.keys.seal(
        auth.random(SECRET_BYTES),
        sealContext({ accountId, authenticatorId }),
        auth.random(12),
      ),
      createdAt: auth.clock(),
    });
  });
}

/** In a session a secret may have stood on the screen for hours, for anyone to photograph: then it is not confirmed any more. */
export function isTooOld(auth: AuthContext, owner: PendingLogin | Session, enrolment: Enrolment): boolean {
  return owner.kind === "session" && auth.clock() - enrolment.createdAt > ENROLMENT_LASTS;
}

/** The time step that this code of an enrolment is right for; undefined when it is wrong. */
export function stepOfEnrolment(auth: AuthContext, enrolment: Enrolment, code: string): number | undefined {
  return stepOf(openSecret(auth, enrolment), code, auth.clock());
}

/**
 * Turns an enrolment that the caller has taken into an authenticator; the step that confirmed it is spent.
 */
export async function addAuthenticator(
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
  });
}

/** Accepts a code of any of these authenticators and spends its step: each is good once, and none older after it. */
export async function acceptCode(
  auth: AuthContext,
  store: Store,
  authenticators: Authenticator[],
  code: string,
): Promise<"accepted" | "used" | "wrong"> {
  const now = auth.clock();
  let used = false;
  for (const authenticator of authenticators) {
    const secret = openSecret(auth, { ...authenticator, authenticatorId: authenticator.id });
    const step = stepOf(secret, code, now);
    if (step === undefined) continue;
    if (await store.authenticators.spendStep(authenticator.id, step, now)) return "accepted";
    used = true;
  }
  return used ? "used" : "wrong";
}

/** What the account page lists, in the order in which they were set up. */
export async function authenticatorsOf(
  auth: AuthContext,
  owner: { accountId: string; username: string },
): Promise<AuthenticatorView[]> {
  const authenticators = await auth.store.authenticators.of(owner.accountId);
  return authenticators.map(({ id, name, number, createdAt, lastUsedAt }) => ({
    id,
    name,
    label: labelOf(owner.username, number),
    createdAt: new Date(createdAt),
    lastUsedAt: new Date(lastUsedAt),
  }));
}

/**
 * Refuses to go on when a stored secret was sealed with a key that is not here.
 * @throws SealError with a sentence for the operator.
 */
export async function checkKeys(auth: AuthContext): Promise<void> {
  const names = await auth.store.authenticators.keyNames();
  if (names.every((name) => auth.keys.holds(name))) return;
  throw new SealError(
    "The database holds authenticator secrets sealed with a key that is not among APP_SECRETS: bring that key back " +
      "(in development it is the file `key` in DATA_DIR), or start with an empty DATA_DIR.",
  );
}

function stepOf(secret: Uint8Array, code: string, now: number): number | undefined {
  return matchingStep(secret, code, now / 1000, WINDOW, AUTHENTICATOR_APP);
}

interface Sealed {
  accountId: string;
  authenticatorId: string;
  sealedSecret: string;
}

function openSecret(auth: AuthContext, sealed: Sealed): Uint8Array {
  return auth.keys.open(sealed.sealedSecret, sealContext(sealed));
}

function sealContext({ accountId, authenticatorId }: Pick<Sealed, "accountId" | "authenticatorId">): string {
  return `totp ${accountId} ${authenticatorId}`;
}
