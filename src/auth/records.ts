/** The records that a storage keeps: plain values. All times are Unix milliseconds. Tests: test/storage/store.test.ts */

export interface Account {
  id: string;
  username: string;
  /** argon2id, in PHC string form; empty without a password of its own. */
  passwordHash: string;
  isDemo: boolean;
  createdAt: number;
  /** When the first authenticator was confirmed; null until then. */
  secondFactorSince: number | null;
  /** Raised by each change of the password or the second factor, which voids earlier device cookies. */
  credentialVersion: number;
  /** When the operator closed the account; null while it is open. */
  disabledAt: number | null;
  lastSignInAt: number | null;
  /** The host app's id of this person; null for an account that only Latchkey knows. */
  externalId: string | null;
  email: string | null;
  emailConfirmed: boolean;
  name: string | null;
  groups: readonly string[];
  /** After the operator's reset only the holder of a link may set up a second factor. */
  needsLink: boolean;
}

/** What can be changed by code without touching a credential. Left out: stays as it is. */
export type AccountChanges = Partial<
  Pick<Account, "username" | "externalId" | "email" | "emailConfirmed" | "name" | "groups">
>;

/** An account as the operator's list shows it. */
export interface AccountSummary extends Account {
  authenticators: number;
  /** Recovery codes that still work. */
  recoveryCodes: number;
  /** Until when an invitation that was neither used nor ended is open, or was; null without one. */
  invitationExpiresAt: number | null;
  /** Standing second-factor failures. */
  failures: number;
  /** The end of the longest second-factor delay; past or null when none runs. */
  delayedUntil: number | null;
}

export interface Authenticator {
  id: string;
  accountId: string;
  name: string;
  /** Which of the account's enrolments it was, from 1; the label in the app shows it. */
  number: number;
  /** The TOTP secret, sealed; see encryption.ts. */
  sealedSecret: string;
  /**
   * The last time step that was accepted. It and all steps before it are spent, so a replay is refused (RFC 6238 §5.2, ASVS 5.0
   * 6.5.1).
   */
  lastStep: number;
  createdAt: number;
  lastUsedAt: number;
  /** How far its clock is from ours, ahead if positive; null until it was resynchronised (RFC 6238 §6). */
  driftSeconds: number | null;
  /** Later steps that are spent too, because the server's clock once ran ahead. */
  spentFuture?: { from: number; to: number };
  /** What the app shows; null: it follows from the username and the number. */
  label: string | null;
}

/** A secret that a set-up page shows and no code has confirmed yet; it belongs to one pending login or session. */
export interface Enrolment {
  sessionHash: string;
  accountId: string;
  authenticatorId: string;
  number: number;
  sealedSecret: string;
  createdAt: number;
  /** What the app shows; null: it follows from the username and the number. */
  label: string | null;
}

/** An enrolment whose pending login or session is live, and which of the two it is. */
export interface LiveEnrolment extends Enrolment {
  kind: SessionKind;
}

/** A secret that was shown and never confirmed: kept for a while, only to recognise its codes. */
export type EarlierEnrolment = Omit<Enrolment, "sessionHash">;

/** A set of recovery codes, printed together. */
export interface RecoverySheet {
  accountId: string;
  /** From 1, for each account. */
  number: number;
  createdAt: number;
  /** When a code was typed back from it; null until then. */
  provedAt: number | null;
}

/** One code of a sheet, found by its hash; the code itself is not stored. */
export interface RecoveryCode {
  sheet: number;
  /** Its place on the sheet, from 1. */
  position: number;
  usedAt: number | null;
  /** When a newer sheet or the operator ended it. */
  endedAt: number | null;
}

/** A browser whose token stands for the second factor. */
export interface TrustedDevice {
  id: string;
  accountId: string;
  tokenHash: string;
  device: string;
  address: string;
  createdAt: number;
  lastUsedAt: number;
  expiresAt: number;
}

/** A one-time link; the token is stored nowhere. */
export interface Link {
  /** An HMAC of the token; see links.ts. */
  tokenHash: string;
  accountId: string;
  /** `invitation`, `password` or `reset`. A newer version may have written another. */
  kind: string;
  createdAt: number;
  expiresAt: number;
  usedAt: number | null;
  /** When it was used, or a newer link or a change of the account ended it. */
  endedAt: number | null;
}

/** One line of an account's history; see events.ts for the types. */
export interface HistoryEntry {
  id: string;
  accountId: string;
  at: number;
  type: string;
  reason: string | null;
  /** What it was about, for example an authenticator's name or the number of a sheet. */
  subject: string | null;
  /** Who did it, if not the owner: `operator` or `host`. A newer version may have written another. */
  byKind: string | null;
  /** The operator's name, if known. */
  byName: string | null;
  device: string;
  address: string;
}

/** The command line's events, kept for a year after they happened; see events.ts for the types. */
export interface RecordedEvent {
  id: string;
  type: string;
  at: number;
  /** The account may be gone by now. */
  accountId: string | null;
  username: string | null;
  reason: string | null;
  subject: string | null;
  /** Who did it; so far always `operator`. */
  byKind: string;
  byName: string | null;
}

export type SessionKind = "pending" | "session";

/** Session rows that share a cap. */
export interface SessionPool {
  accountId: string;
  kind: SessionKind;
  browser: string | null;
}

/** A browser that is past the password: a pending login, or a session. */
export interface SessionRow {
  idHash: string;
  kind: SessionKind;
  accountId: string;
  /** Shared by all rows of one sign-in (pending login, session, its continuation after each step-up): the hash of the first id. */
  family: string;
  /** Where the person wanted to go: a path of this site, or the address of an app behind the proxy. */
  next: string | null;
  /** What was proved, separated by spaces: `password`, `password totp`. */
  methods: string;
  /** When both factors were last proved in this session; null when a trusted device stood for the second. */
  steppedUpAt: number | null;
  device: string;
  address: string;
  createdAt: number;
  lastSeenAt: number;
  expiresAt: number;
  endedAt: number | null;
  /** The bytes that the web layer stores for its next page (flash messages), as JSON. */
  data: string;
  /** Which known browser a pending login belongs to; null for a stranger's, and for a session. */
  browser: string | null;
  /** The last refused code and its refusal; see repeated-refusals.ts. */
  lastRefusal: string | null;
  /** What was typed as the name, where a host app checks passwords; else null. */
  loginName: string | null;
  /** New recovery codes that this session still shows; null without any. */
  codes: CodesOnShow | null;
}

/** Recovery codes just made, sealed; see codes-on-show.ts. */
export interface CodesOnShow {
  sealed: string;
  until: number;
}

/** The password was right at a step-up, and the code was not: for a moment only the code is asked again. */
export interface PasswordProof {
  at: number;
  /** The account's at that moment: a changed password voids the proof. */
  credentialVersion: number;
}

export interface SessionWithAccount extends SessionRow {
  username: string;
  isDemo: boolean;
  /** Whether the account has no second factor yet. */
  isSettingUp: boolean;
  credentialVersion: number;
  passwordProof: PasswordProof | null;
  /** The account was closed by the operator. */
  disabled: boolean;
  externalId: string | null;
  email: string | null;
  name: string | null;
  groups: readonly string[];
  /** A second factor can be set up only behind a link. */
  needsLink: boolean;
  /** A password of Latchkey's own. */
  hasPassword: boolean;
}

/** What is sealed: the secret of an authenticator, confirmed or not, recovery codes on show, or a stored key. */
export type SealedKind = "authenticator" | "enrolment" | "recovery-codes" | "key";

/** A sealed text and its row; its first eight characters name the key that sealed it. */
export interface SealedValue {
  kind: SealedKind;
  id: string;
  /** Empty for a key, which belongs to no account. */
  accountId: string;
  sealed: string;
}

/** After `free` failures each further one starts the next delay (ms; the last repeats). */
export interface ThrottleRule {
  free: number;
  delays: readonly number[];
  /** The counting window: failures are forgotten this long (ms) after the first of them; null: only a success clears them. */
  window: number | null;
}

/** How many accounts fell into one bin of clock drifts within one window of time; see server-clock.ts. */
export interface DriftBin {
  window: number;
  bin: number;
  accounts: number;
}

/** `latest`: the last time step that may be accepted now. `followsDrift`: add each authenticator's remembered drift to it. */
export interface FutureLimit {
  latest: number;
  followsDrift: boolean;
}

/** `since`: when the counting window of this attempt began; `refund` needs it. */
export type Counted = { counted: true; since: number } | { counted: false; until: number };
