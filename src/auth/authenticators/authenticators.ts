/**
 * Authenticators: confirmed TOTP secrets. Adds one, labels it, and lists them for their owner. accept-code.ts checks their codes.
 * Tests: test/storage/store.test.ts, test/security/authenticator-count.test.ts
 */
import type { AuthContext } from "../context.js";
import { MAX_LABEL_LENGTH } from "../policy.js";
import type { Account, EarlierEnrolment, Enrolment, Store } from "../store.js";
import { isDefaultName } from "./authenticator-name.js";

export interface AuthenticatorView {
  id: string;
  name: string;
  /** Whether its owner named it; else the name is a default. */
  isNamed: boolean;
  /** What the app shows beside the issuer. */
  label: string;
  createdAt: Date;
  lastUsedAt: Date;
  /** How far its clock is ahead of ours, in seconds; undefined without RESYNC. */
  driftSeconds: number | undefined;
}

/**
 * The label in the app: the username, and from the second enrolment on its number, so that the old and the new entry differ. It
 * stays what it was when the app was set up, also after a rename.
 */
export function labelOf(
  username: string,
  { number, label }: Pick<EarlierEnrolment, "number" | "label">,
): string {
  if (label !== null) return label;
  // A colon would end the issuer, and a long name would make the QR code too dense to scan.
  const name = [...username.replaceAll(":", "-")].slice(0, MAX_LABEL_LENGTH).join("");
  return number === 1 ? name : `${name} (${number})`;
}

/** Before a rename: the account's entries in apps keep the labels with which they were set up. */
export function freezeLabels(
  store: Store,
  { id, username }: Pick<Account, "id" | "username">,
): Promise<void> {
  return store.labels.freeze(id, (number) => labelOf(username, { number, label: null }));
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
    label: enrolment.label,
  });
}

/** What the account page lists, in the order in which they were set up. */
export async function authenticatorsOf(
  auth: AuthContext,
  owner: { accountId: string; username: string },
): Promise<AuthenticatorView[]> {
  const authenticators = await auth.store.authenticators.of(owner.accountId);
  return authenticators.map(({ id, name, createdAt, lastUsedAt, driftSeconds, ...one }) => ({
    id,
    name,
    isNamed: !isDefaultName(name, auth.unnamedApp),
    label: labelOf(owner.username, one),
    createdAt: new Date(createdAt),
    lastUsedAt: new Date(lastUsedAt),
    driftSeconds: auth.policy.resync && driftSeconds !== null ? driftSeconds : undefined,
  }));
}
