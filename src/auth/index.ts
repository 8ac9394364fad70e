/**
 * Everything the product can do, as one object: the web and the command line call nothing else of auth/.
 * Tests: test/first-use.test.ts
 */
import { accountOf, waysBackIn } from "./account/accounts.js";
import {
  addAuthenticator,
  removeAuthenticator,
  renameAuthenticator,
} from "./account/authenticator-changes.js";
import { historyOf } from "./account/history.js";
import { changePassword } from "./account/password-change.js";
import { futureSteps } from "./authenticators/future-steps.js";
import { createDrifts } from "./clock/drifts.js";
import { flushDrifts, serverClock } from "./clock/server-clock.js";
import type { AuthContext } from "./context.js";
import type { Report } from "./events.js";
import { createKeyedHashes } from "./keys/keyed-hashes.js";
import { linkOf, useLink } from "./links/use-link.js";
import { createAccount, updateAccount } from "./operator/account-changes.js";
import { invite, passwordLink, resetSecondFactor } from "./operator/account-links.js";
import { listAccounts } from "./operator/account-list.js";
import { findAccount, pageOfAccounts } from "./operator/accounts.js";
import {
  disableAccount,
  enableAccount,
  removeAccount,
  setPassword,
  signOutAccount,
  unlockAccount,
} from "./operator/administration.js";
import { ensureDemoAccount } from "./operator/demo-account.js";
import { demoCodes } from "./operator/demo-codes.js";
import { importAccounts } from "./operator/import.js";
import { checkKeys, rotateKeys, sealedByOlderKeys } from "./operator/key-rotation.js";
import { reportOperatorEvents } from "./operator/operator-events.js";
import { prune } from "./operator/pruning.js";
import { estimator } from "./passwords/estimator.js";
import type { HashLoad } from "./passwords/hash-queue.js";
import { createPasswords } from "./passwords/password.js";
import { codesOnShow, hideCodes } from "./recovery/codes-on-show.js";
import { newRecoveryCodes, proveSheet } from "./recovery/recovery-codes.js";
import { reporter } from "./report.js";
import { meets } from "./sessions/auth-requirement.js";
import { findForwarded, forwardToken, signOutForwarded } from "./sessions/forward-token.js";
import { revoke, revokeSignIn, signOut } from "./sessions/revoke.js";
import { revokeListed, revokeOthers, sessionCount } from "./sessions/session-list.js";
import { findSession, setNext, touchSession, writeSessionData } from "./sessions/sessions.js";
import { forgetTrustedDevice } from "./sessions/trusted-devices.js";
import { enrolmentOf } from "./sign-in/enrolments.js";
import { startHostLogin } from "./sign-in/host-step.js";
import { passwordAcceptedUntil } from "./sign-in/password-proof.js";
import { startLogin } from "./sign-in/password-step.js";
import { completeLogin, secondStep } from "./sign-in/second-step.js";
import { stepUp } from "./sign-in/step-up.js";
import { nextCode, openLogin, setUpAuthenticator, unusedRecoveryCode } from "./testing/shortcuts.js";
import { lockoutFor } from "./throttle/lockout.js";

export type { WaysBackIn } from "./account/accounts.js";
export type { AddAuthenticator } from "./account/authenticator-changes.js";
export { type HistoryGroup, type HistoryLine, mergeRepeats } from "./account/history.js";
export { type NameProblem, nameInAddress } from "./authenticators/authenticator-name.js";
export { type CodeRefused, type Diagnosis, diagnose } from "./authenticators/diagnosis.js";
export { MIN_ACCOUNTS, type ServerClock } from "./clock/server-clock.js";
export type { Client, HostUsers } from "./context.js";
export {
  EVENTS,
  factsOf,
  type RecoveryCodeRefusal,
  type Report,
  type ReportedEvent,
  type SecurityEvent,
  type SecurityEventType,
} from "./events.js";
export { createKeyring } from "./keys/encryption.js";
export type { ClosedLink } from "./links/links.js";
export type { LinkView } from "./links/use-link.js";
export type { LinkMade } from "./operator/account-links.js";
export type { ListedAccount } from "./operator/account-list.js";
export { DEMO_ACCOUNT } from "./operator/demo-account.js";
export type { ImportReport, NumberedRow } from "./operator/import.js";
export { type HashLoad, Overloaded } from "./passwords/hash-queue.js";
export { type HostPerson, readHostPerson } from "./passwords/host-check.js";
export type { PasswordProblem, PasswordStrength } from "./passwords/password.js";
export {
  DEFAULT_POLICY,
  HISTORY_RETENTION,
  LOW_RECOVERY_CODES,
  MAX_AUTHENTICATORS,
  MAX_HOST_NAME_LENGTH,
  MAX_INVITATION,
  MAX_NAME_LENGTH,
  MAX_ROW_BYTES,
  PASSWORD_LENGTH,
  PASSWORD_PROOF_LASTS,
  type Policy,
  RECOVERY_CODES,
  SEARCH_MS,
} from "./policy.js";
export type { CodesShown, NewSheet } from "./recovery/codes-on-show.js";
export type { UsedRecoveryCode } from "./recovery/recovery-codes.js";
export type { Refusal } from "./refusal.js";
export type { AuthRequirement } from "./sessions/auth-requirement.js";
export type { NewSession, PendingLogin, Session, SignInState } from "./sessions/sessions.js";
export type { CompleteLogin, SignedIn, SignInDetails } from "./sign-in/second-step.js";
export { asksPassword } from "./sign-in/step-up.js";
export type { SignInSummary } from "./sign-in/summary.js";
export { type Store, StoreUnavailable } from "./store.js";
export type { Lockout } from "./throttle/lockout.js";

export type Auth = ReturnType<typeof createAuth>;
export type TestAuth = ReturnType<typeof createTestAuth>;

/** The storage, the clock, the randomness and the keys: auth/ has no other way to the outside. */
type Parts = Omit<AuthContext, "passwords" | "drifts" | "keyedHashes" | "report"> & { report: Report };

export function createAuth(parts: Parts) {
  return operationsOn(contextOf(parts));
}

/** For `latchkey/testing` alone: binds what no server may do as well. */
export function createTestAuth(parts: Parts) {
  const auth = contextOf(parts);
  return { ...operationsOn(auth), ...bind(auth, SHORTCUTS) };
}

function contextOf(parts: Parts): AuthContext {
  const keyedHashes = createKeyedHashes(parts);
  return {
    ...parts,
    passwords: createPasswords(parts.random),
    drifts: createDrifts(),
    keyedHashes,
    report: reporter({ ...parts, keyedHashes }, parts.report),
  };
}

function operationsOn(auth: AuthContext) {
  return {
    ...bind(auth, OPERATIONS),
    /** Runs what a person waits for: once the storage has kept it waiting too long it fails with StoreUnavailable. */
    withDeadline: <T>(work: () => T): T => auth.store.withDeadline(work),
  };
}

/** Every operation; each takes the context first. */
const OPERATIONS = {
  startLogin,
  startHostLogin,
  secondStep,
  completeLogin,

  findSession,
  touchSession,
  setNext,
  revoke,
  revokeSignIn,
  signOut,
  writeSessionData,
  meets,
  forwardToken,
  findForwarded,
  signOutForwarded,

  waysBackIn,
  accountOf,
  historyOf,
  revokeListed,
  revokeOthers,
  forgetTrustedDevice,
  renameAuthenticator,
  proveSheet,

  linkOf,
  useLink,

  stepUp,
  passwordAcceptedUntil,
  lockoutFor,
  enrolmentOf,
  addAuthenticator,
  removeAuthenticator,
  newRecoveryCodes,
  codesOnShow,
  hideCodes,
  changePassword,

  createAccount,
  findAccount,
  pageOfAccounts,
  listAccounts,
  hasAccounts,
  updateAccount,
  setPassword,
  disableAccount,
  enableAccount,
  unlockAccount,
  invite,
  passwordLink,
  signOutAccount,
  removeAccount,
  resetSecondFactor,
  importAccounts,
  ensureDemoAccount,
  demoCodes,

  prepare,
  checkKeys,
  rotateKeys,
  sealedByOlderKeys,
  assertReady,
  sessionCount,
  passwordHashes,
  futureSteps,
  serverClock,
  prune,
  reportOperatorEvents,
  flushDrifts,
  warmUp,
  now,
};

const SHORTCUTS = { setUpAuthenticator, openLogin, nextCode, unusedRecoveryCode };

type Operation = (auth: AuthContext, ...args: never[]) => unknown;

/** The operations as web/ and the command line call them: without the context. */
type Bound<Operations> = {
  [Name in keyof Operations]: Operations[Name] extends (
    auth: AuthContext,
    ...args: infer Args
  ) => infer Result
    ? (...args: Args) => Result
    : never;
};

function bind<Operations extends Record<string, Operation>>(
  auth: AuthContext,
  operations: Operations,
): Bound<Operations> {
  const bound = Object.entries(operations).map(([name, operation]) => [
    name,
    operation.bind(undefined, auth),
  ]);
  return Object.fromEntries(bound);
}

/** Before anything else: checks the keys and loads what is kept under them. @throws SealError, StoreUnavailable */
async function prepare(auth: AuthContext): Promise<void> {
  await checkKeys(auth);
  await auth.keyedHashes.load();
}

/**
 * Throws unless the database answers and can be written to: a read-only database signs nobody in. Its write changes nothing.
 * @throws StoreUnavailable, and whatever else is wrong with it
 */
async function assertReady({ store }: AuthContext): Promise<void> {
  await store.withDeadline(() => store.accounts.lockRow(""));
}

/** Whether there is an account besides the demo one. */
function hasAccounts(auth: AuthContext): Promise<boolean> {
  return auth.store.accounts.any();
}

/** How many password hashes run and wait. */
function passwordHashes(auth: AuthContext): HashLoad {
  return auth.passwords.load();
}

/** Loads the password estimator, so that the first change of a password stalls nobody. @throws StoreUnavailable */
async function warmUp(_auth: AuthContext): Promise<void> {
  await estimator();
}

function now(auth: AuthContext): Date {
  return new Date(auth.clock());
}
