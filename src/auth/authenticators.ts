/** Authenticators: a secret that the server makes, shown until a code proves that an app has it, then sealed away. */
import { AUTHENTICATOR_APP, keyUri, matchingStep, toBase32 } from "../otp/index.js";
import { type AuthContext, newId } from "./context.js";
import { SealError } from "./encryption.js";
import { SECRET_BYTES } from "./policy.js";
import type { PendingLogin } from "./sessions.js";
import type { Authenticator, Enrolment, Store } from "./store.js";

/** One time step each side: a phone's clock may be half a minute off, and typing takes time (RFC 6238 §5.2). */
const WINDOW = 1;

/** What the set-up page shows. */
export interface EnrolmentView {
  /** Base32, upper-case, without spaces. */
  secret: string;
  /** `otpauth://totp/…` for the QR and for an app on the same phone. */
  uri: string;
}

export interface AuthenticatorView {
  name: string;
  createdAt: Date;
  lastUsedAt: Date;
}

/**
 * The secret being set up by this pending login: made on the first call, the same on every later one.
 * @throws SealError, StoreUnavailable
 */
export async function enrolmentOf(auth: AuthContext, login: PendingLogin): Promise<EnrolmentView> {
  const kept = (await auth.store.enrolments.of(login.idHash)) ?? (await beginEnrolment(auth, login));
  const secret = toBase32(openSecret(auth, kept));
  return { secret, uri: keyUri({ issuer: auth.issuer, username: login.username, secret }) };
}

async function beginEnrolment(auth: AuthContext, login: PendingLogin): Promise<Enrolment> {
  const authenticatorId = newId(auth.random);
  return auth.store.enrolments.keep({
    sessionHash: login.idHash,
    accountId: login.accountId,
    authenticatorId,
    sealedSecret: auth.keys.seal(
      auth.random(SECRET_BYTES),
      sealContext({ accountId: login.accountId, authenticatorId }),
      auth.random(12),
    ),
    createdAt: auth.clock(),
  });
}

/** Turns the enrolment into the account's first authenticator, once; its code's step is spent with it. */
export async function confirmEnrolment(
  auth: AuthContext,
  store: Store,
  enrolment: Enrolment,
  code: string,
): Promise<"confirmed" | "wrong" | "set-up-elsewhere" | "expired"> {
  const now = auth.clock();
  const step = stepOf(openSecret(auth, enrolment), code, now);
  if (step === undefined) return "wrong";
  // Logging out takes the enrolment too: whoever is second finds nothing.
  if (!(await store.enrolments.take(enrolment.sessionHash))) return "expired";
  // The account row decides between two browsers that set up at the same time.
  if (!(await store.accounts.startSecondFactor(enrolment.accountId, now))) return "set-up-elsewhere";
  await store.authenticators.add({
    id: enrolment.authenticatorId,
    accountId: enrolment.accountId,
    name: "Authenticator app",
    sealedSecret: enrolment.sealedSecret,
    lastStep: step,
    createdAt: now,
    lastUsedAt: now,
  });
  return "confirmed";
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

/** What the account page lists. */
export async function authenticatorsOf(auth: AuthContext, accountId: string): Promise<AuthenticatorView[]> {
  const authenticators = await auth.store.authenticators.of(accountId);
  return authenticators.map(({ name, createdAt, lastUsedAt }) => ({
    name,
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
