/** Everything the product can do, as one object: the web and the command line call nothing else of auth/. */
import { accountOf, waysBackIn } from "./accounts.js";
import {
  addAccount,
  disableAccount,
  enableAccount,
  listAccounts,
  removeAccount,
  resetSecondFactor,
  setPassword,
  unlockAccount,
} from "./administration.js";
import {
  addAnother,
  type NewAuthenticator,
  removeAuthenticator,
  renameAuthenticator,
} from "./authenticator-changes.js";
import { stepsAhead } from "./authenticators.js";
import type { AuthContext, Client } from "./context.js";
import { type Demand, meets } from "./demand.js";
import { ensureDemoAccount } from "./demo-account.js";
import { demoCodes } from "./demo-codes.js";
import { createDrifts } from "./drifts.js";
import { enrolmentOf } from "./enrolments.js";
import { estimator } from "./estimator.js";
import { createFingerprints } from "./fingerprints.js";
import { findForwarded, forwardToken, signOutForwarded } from "./forward-token.js";
import { historyOf } from "./history.js";
import { checkKeys, rotateKeys, sealedByOlderKeys } from "./key-rotation.js";
import {
  type Arrival,
  type Credentials,
  completeLogin,
  secondStep,
  startLogin,
  type Wishes,
} from "./login.js";
import { reportOperatorEvents } from "./operator-events.js";
import { createPasswords } from "./password.js";
import { changePassword } from "./password-change.js";
import { prune } from "./pruning.js";
import { newRecoveryCodes, proveSheet } from "./recovery-codes.js";
import type { Typed, TypedProof } from "./second-factor.js";
import { keepDrifts, serverClock } from "./server-clock.js";
import {
  endOpened,
  endOtherSessions,
  endSession,
  endSessionOf,
  findSession,
  leadTo,
  type PendingLogin,
  type Session,
  sessionCount,
  sessionSeen,
  signOut,
  writeSessionData,
} from "./sessions.js";
import { stepUp } from "./step-up.js";
import { secondFactorLock } from "./throttle.js";
import { forgetTrustedDevice } from "./trusted-devices.js";

export type { WaysBackIn } from "./accounts.js";
export type { ListedAccount } from "./administration.js";
export type { NameProblem } from "./authenticator-name.js";
export type { Client } from "./context.js";
export type { Demand } from "./demand.js";
export { DEMO_ACCOUNT } from "./demo-account.js";
export { type Diagnosis, diagnose } from "./diagnosis.js";
export { createKeyring } from "./encryption.js";
export {
  EVENTS,
  factsOf,
  type RecoveryCodeRefusal,
  type Report,
  type SecurityEvent,
  type SecurityEventType,
} from "./events.js";
export { type HashLoad, Overloaded } from "./hash-queue.js";
export type { HistoryLine } from "./history.js";
export type { Arrival, Arrived, SignedIn } from "./login.js";
export type { PasswordProblem, PasswordStrength } from "./password.js";
export { DEFAULT_POLICY, FEW_RECOVERY_CODES, MOST_AUTHENTICATORS, type Policy } from "./policy.js";
export type { NewSheet, UsedRecoveryCode } from "./recovery-codes.js";
export type { CodeRefused, Refusal } from "./refusal.js";
export type { Typed } from "./second-factor.js";
export { FEWEST_ACCOUNTS, type ServerClock } from "./server-clock.js";
export type { NewSession, PendingLogin, Session, SignInState } from "./sessions.js";
export { StoreUnavailable } from "./store.js";
export type { SecondFactorLock } from "./throttle.js";

export type Auth = ReturnType<typeof createAuth>;

/** @param world the storage, the clock, the randomness and the keys: auth/ has no other way to the outside. */
export function createAuth(world: Omit<AuthContext, "passwords" | "drifts" | "fingerprints">) {
  const auth: AuthContext = {
    ...world,
    passwords: createPasswords(world.random),
    drifts: createDrifts(),
    fingerprints: createFingerprints(world),
  };
  return {
    startLogin: (credentials: Credentials, client: Client, keep?: (arrival?: Arrival) => string) =>
      startLogin(auth, credentials, client, keep),
    secondStep: (login: PendingLogin, client: Client) => secondStep(auth, login, client),
    completeLogin: (login: PendingLogin, typed: Typed, client: Client, wishes: Wishes = {}) =>
      completeLogin(auth, login, typed, client, wishes),

    findSession: (id: string) => findSession(auth, id),
    sessionSeen: (session: Session) => sessionSeen(auth, session),
    leadTo: (login: PendingLogin, next: string) => leadTo(auth, login, next),
    endSession: (id: string) => endSession(auth, id),
    endOpened: (opened: PendingLogin | Session) => endOpened(auth, opened),
    signOut: (id: string, client: Client) => signOut(auth, id, client),
    writeSessionData: (id: string, data: string) => writeSessionData(auth, id, data),

    /** Whether a session is as fresh and as strong as a door asks. */
    meets: (session: Session, demand: Demand) => meets(auth, session, demand),
    /** What stands for a session where a proxy asks about it; see forward-token.ts. */
    forwardToken: (session: Pick<Session, "idHash">) => forwardToken(auth, session),
    findForwarded: (token: string) => findForwarded(auth, token),
    signOutForwarded: (token: string, client: Client) => signOutForwarded(auth, token, client),

    waysBackIn: (session: Session) => waysBackIn(auth, session),
    accountOf: (session: Session) => accountOf(auth, session),
    historyOf: (session: Session, page: number) => historyOf(auth, session, page),
    endSessionOf: (session: Session, id: string, client: Client) => endSessionOf(auth, session, id, client),
    endOtherSessions: (session: Session, client: Client) => endOtherSessions(auth, session, client),
    forgetTrustedDevice: (session: Session, id: string, client: Client) =>
      forgetTrustedDevice(auth, session, id, client),
    renameAuthenticator: (session: Session, id: string, name: string, client: Client) =>
      renameAuthenticator(auth, session, id, name, client),
    proveSheet: (session: Session, typed: string, client: Client) => proveSheet(auth, session, typed, client),

    stepUp: (session: Session, proof: { password: string; secondFactor: TypedProof }, client: Client) =>
      stepUp(auth, session, proof, client),
    /** Whether codes from this browser are refused unseen at the moment, and until when. */
    secondFactorLock: (session: Session, client: Client) => secondFactorLock(auth, session, client),
    enrolmentOf: (session: Session) => enrolmentOf(auth, session),
    addAuthenticator: (session: Session, wanted: NewAuthenticator, client: Client) =>
      addAnother(auth, session, wanted, client),
    removeAuthenticator: (session: Session, id: string, client: Client) =>
      removeAuthenticator(auth, session, id, client),
    newRecoveryCodes: (session: Session, number: number, client: Client) =>
      newRecoveryCodes(auth, session, number, client),
    changePassword: (session: Session, passwords: { current: string; next: string }, client: Client) =>
      changePassword(auth, session, passwords, client),

    addAccount: (username: string, password: string) => addAccount(auth, username, password),
    listAccounts: () => listAccounts(auth),
    setPassword: (username: string, password: string) => setPassword(auth, username, password),
    disableAccount: (username: string) => disableAccount(auth, username),
    enableAccount: (username: string) => enableAccount(auth, username),
    removeAccount: (username: string) => removeAccount(auth, username),
    unlockAccount: (username: string) => unlockAccount(auth, username),
    resetSecondFactor: (username: string) => resetSecondFactor(auth, username),
    /** Whether there is an account besides the demo one. */
    hasAccounts: () => auth.store.accounts.any(),
    ensureDemoAccount: () => ensureDemoAccount(auth),
    /** What the demo account's apps show now, for whoever may know; undefined without a demo account. */
    demoCodes: () => demoCodes(auth),

    /** Whether the database answers and can be written to. @throws StoreUnavailable, and whatever else is wrong with it */
    isReady: () => auth.store.withDeadline(() => isReady(auth)),
    /** How many sessions are live, of all accounts. */
    sessionCount: () => sessionCount(auth),
    /** How busy the line before the password hashes is. */
    passwordHashes: () => auth.passwords.load(),
    /** Before anything else: whether the keys are right, and what is kept under them. @throws SealError, StoreUnavailable */
    async prepare() {
      await checkKeys(auth);
      await auth.fingerprints.load();
    },
    checkKeys: () => checkKeys(auth),
    rotateKeys: () => rotateKeys(auth),
    sealedByOlderKeys: () => sealedByOlderKeys(auth),
    /** What a person waits for: once the storage has kept it waiting for too long it is given up as StoreUnavailable. */
    withDeadline: <T>(work: () => T) => auth.store.withDeadline(work),
    prune: () => prune(auth),
    /** Reports the command line's events that no other node has reported. To be called about once a minute. */
    reportOperatorEvents: () => reportOperatorEvents(auth),
    /** Loads the password estimator, so that the first change of a password stalls nobody. @throws StoreUnavailable */
    warmUp: async () => void (await estimator()),
    /** Writes down how far authenticators' clocks were off lately: now and then, and before the store is closed. */
    keepDrifts: () => keepDrifts(auth),
    /** Counts last accepted steps in the future: see authenticators.ts. */
    stepsAhead: () => stepsAhead(auth),
    /** Whether the server's clock is right, by those of all authenticators together. */
    serverClock: () => serverClock(auth),
    now: () => new Date(auth.clock()),
  };
}

/** A write that changes nothing: a database that can only be read signs nobody in. */
async function isReady({ store }: AuthContext): Promise<void> {
  await store.accounts.lock("");
}
