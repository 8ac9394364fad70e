/**
 * What the rules need from a storage: conditional writes whose answer is whether they held. All times are Unix milliseconds. A
 * transaction on an account starts with `accounts.lockRow` and reads and writes everything else of that account behind the lock: no
 * deadlocks, and no decision on what another transaction is changing. A session's row is locked before its enrolment's, as in pruning.
 */
import type {
  Account,
  AccountSummary,
  Authenticator,
  DriftBin,
  EarlierEnrolment,
  Enrolment,
  HistoryEntry,
  LiveEnrolment,
  RecordedEvent,
  RecoveryCode,
  RecoverySheet,
  SealedKind,
  SealedValue,
  SessionKind,
  SessionPool,
  SessionRow,
  SessionWithAccount,
  ThrottleRule,
  TrustedDevice,
} from "./records.js";

export type * from "./records.js";

/** The last step that may be accepted now; with `followsDrift`, moved by each authenticator's remembered drift. */
interface Ahead {
  edge: number;
  followsDrift: boolean;
}

/** `since` names the window that the attempt was counted in. */
type Counted = { counted: true; since: number } | { counted: false; until: number };

export interface Store {
  /**
   * Runs `work` in one transaction. Inside, await nothing but queries. Where two transactions are in each other's way `work`
   * is run again, so it must leave nothing behind but what it returns.
   */
  transaction<T>(work: (store: Store) => Promise<T>): Promise<T>;
  /** Runs work that somebody waits for: a moment from now its statements wait no longer, and are given up (StoreUnavailable). */
  withDeadline<T>(work: () => T): T;
  close(): Promise<void>;

  accounts: {
    /** False when the username is taken. */
    add(account: Account): Promise<boolean>;
    byUsername(username: string): Promise<Account | undefined>;
    byId(id: string): Promise<Account | undefined>;
    /** All accounts, by name. */
    list(): Promise<AccountSummary[]>;
    /** Whether there is any account besides the demo one. */
    any(): Promise<boolean>;
    /** Takes the account's row for the rest of a transaction, and reads it as it is then; undefined when it is gone. */
    lockRow(id: string): Promise<Account | undefined>;
    /** Marks the second factor as set up; false when it already was. */
    startSecondFactor(id: string, now: number): Promise<boolean>;
    /** Counts one more enrolment and answers its number, from 1; undefined when the account is gone. */
    nextEnrolment(id: string): Promise<number | undefined>;
    noteSignIn(id: string, now: number): Promise<void>;
    setPassword(id: string, passwordHash: string): Promise<void>;
    /** Makes the device cookies that were handed out until now worthless; answers with the new epoch. */
    raiseCredentialVersion(id: string): Promise<number>;
    /** Back to "no second factor yet". */
    resetSecondFactor(id: string): Promise<void>;
    /** Closes (a time) or opens (null) the account; false when it already was so. */
    setDisabled(id: string, at: number | null): Promise<boolean>;
    /** Removes the account and all that is its own. */
    remove(id: string): Promise<boolean>;
  };

  authenticators: {
    /** In the order in which they were set up. */
    of(accountId: string): Promise<Authenticator[]>;
    add(authenticator: Authenticator): Promise<void>;
    /** Spends a time step, and notes the drift; false when that step, or a later one, was spent before. */
    spendStep(id: string, step: number, now: number, driftSeconds: number | null): Promise<boolean>;
    /** Spends a step and the one after it; false when either was spent before, or one later than the first. */
    spendPair(id: string, first: number, now: number, driftSeconds: number): Promise<boolean>;
    /** False when the account has no such authenticator. */
    rename(accountId: string, id: string, name: string): Promise<boolean>;
    /** False when the account has no such authenticator. */
    remove(accountId: string, id: string): Promise<boolean>;
    removeAll(accountId: string): Promise<void>;
    /**
     * Resets the last steps of an account that lie ahead of `edge` to it, and returns how many. The steps from `from` (if
     * undefined, from the old last step) to the old last step stay spent.
     */
    liftAhead(accountId: string, ahead: Ahead & { from: number | undefined }): Promise<number>;
    /** How many last steps lie ahead of `edge`, and the names of at most `limit` of their accounts, sorted. */
    countAhead(ahead: Ahead, limit: number): Promise<{ authenticators: number; usernames: string[] }>;
  };

  enrolments: {
    /**
     * Keeps the first enrolment of a live pending login or session and answers with the one that is kept; undefined when
     * that login or session is over.
     */
    insertOrGet(enrolment: Enrolment): Promise<Enrolment | undefined>;
    of(sessionHash: string): Promise<Enrolment | undefined>;
    /** Those of the account whose pending login is live, or whose session is and was seen after `idleSince`; by number. */
    live(accountId: string, now: number, idleSince: number): Promise<LiveEnrolment[]>;
    /** Takes the enrolment away; false when it was gone. */
    take(sessionHash: string): Promise<boolean>;
    /** Ends an enrolment without forgetting it: its session may begin another. */
    setAside(sessionHash: string): Promise<void>;
    /** The newest enrolments of the account but this session's, whether they still run or not. */
    others(accountId: string, sessionHash: string, limit: number): Promise<EarlierEnrolment[]>;
    /** Forgets those up to this number whose pending login or session is over. */
    forgetUpTo(accountId: string, number: number, now: number): Promise<void>;
    /** Removes at most `limit` begun before a moment whose pending login or session is expired; answers how many. */
    prune(now: number, before: number, limit: number): Promise<number>;
  };

  recoveryCodes: {
    /** Adds a sheet with its codes, in order. @throws when the account has a sheet of that number already */
    addSheet(sheet: RecoverySheet, codeHashes: readonly string[]): Promise<void>;
    /** The newest sheet, with how many of its codes still work. */
    sheetOf(accountId: string): Promise<(RecoverySheet & { left: number }) | undefined>;
    /** Spends a code of this account that was neither used nor ended; undefined when there is none. */
    use(accountId: string, codeHash: string, now: number): Promise<RecoveryCode | undefined>;
    find(accountId: string, codeHash: string): Promise<RecoveryCode | undefined>;
    /** Ends all codes of the account that were not ended yet. */
    endAll(accountId: string, now: number): Promise<void>;
    /** Notes that a code was typed back from a sheet; false when that was known. */
    prove(accountId: string, sheet: number, now: number): Promise<boolean>;
    /** Forgets the sheets before this one, codes and all. */
    forgetBefore(accountId: string, sheet: number): Promise<void>;
  };

  sessions: {
    open(row: SessionRow): Promise<void>;
    /**
     * Removes the account's rows of a kind beyond the `max` most recently used, ended ones included, at most `limit` of them. Of
     * pending logins: those of one known browser, or (null) of all strangers.
     */
    trim(rows: SessionPool, max: number, limit: number): Promise<void>;
    /** Removes the tombstones of a sign-in's earlier sessions beyond the `keep` newest; keeps its pending login's, and live rows. */
    forgetEnded(accountId: string, family: string, max: number): Promise<void>;
    find(idHash: string): Promise<SessionWithAccount | undefined>;
    /** The `limit` newest of the account's sessions (no pending logins) that have not ended or expired and were seen after `idleSince`. */
    live(accountId: string, now: number, idleSince: number, limit: number): Promise<SessionRow[]>;
    /**
     * The same of all accounts, counted among some `limit` rows: those that expire after a moment, the first to expire first.
     * `upTo`: the moment to go on from; undefined when that was the rest.
     */
    countSome(
      after: number,
      idleSince: number,
      limit: number,
    ): Promise<{ total: number; upTo: number | undefined }>;
    /** Whether a row is live and, where `steppedUpSince` is given, both factors were proved in it after that. */
    isLive(idHash: string, now: number, steppedUpSince?: number): Promise<boolean>;
    /** Ends a live row of this kind; false when it had ended or expired. The row stays as a tombstone. */
    end(idHash: string, now: number, kind?: SessionKind): Promise<boolean>;
    /**
     * Ends a live pending login whose second step is done. Its tombstone counts with no other rows from then on: strangers must not
     * push it out, since signing out by its cookie ends the session. False when it had ended or expired.
     */
    complete(idHash: string, now: number): Promise<boolean>;
    /** Ends everything that one sign-in of this account has opened; false when all of it was over. */
    revokeSignIn(accountId: string, family: string, now: number): Promise<boolean>;
    /** Ends every pending login and session of the account but one, or all. */
    revokeAllExcept(accountId: string, now: number, keepHash?: string): Promise<void>;
    /** Changes where a pending login leads; false when it has ended, or is a session by now. */
    leadTo(idHash: string, next: string): Promise<boolean>;
    /** Stores the last refused code. Never touches an ended row. */
    noteRefusal(idHash: string, refusal: string): Promise<void>;
    /** Moves last-seen forward. Never touches an ended row. */
    seen(idHash: string, now: number): Promise<void>;
    /** Writes the web layer's bytes; false when the row has ended: an ended session never comes back. */
    write(idHash: string, data: string): Promise<boolean>;
    /** Removes at most `limit` rows that expired before `now`; answers how many. */
    prune(now: number, limit: number): Promise<number>;
  };

  trustedDevices: {
    add(device: TrustedDevice): Promise<void>;
    /** Removes the account's rows beyond the `max` most recently used, at most `limit` of them. */
    trim(accountId: string, max: number, limit: number): Promise<void>;
    /**
     * Notes a use of this account's token, found by any of its hashes, and stores the first hash from now on; false when there is
     * none, or it has expired.
     */
    use(accountId: string, tokenHashes: readonly [string, ...string[]], now: number): Promise<boolean>;
    /** Those that have not expired, newest first, at most `limit`. */
    of(accountId: string, now: number, limit: number): Promise<TrustedDevice[]>;
    /** False when the account has no such device. */
    forget(accountId: string, id: string): Promise<boolean>;
    /** Forgets the device with this token, found by any of its hashes, when the browser gets another. */
    forgetToken(accountId: string, tokenHashes: readonly string[]): Promise<void>;
    forgetAll(accountId: string): Promise<void>;
    /** Removes at most `limit` that expired before `now`; answers how many. */
    prune(now: number, limit: number): Promise<number>;
  };

  history: {
    /** Adds a line while its account exists; without one it goes nowhere. */
    add(entry: HistoryEntry): Promise<void>;
    /** Does the work of adding a line and leaves none: for names that do not exist, which must not cost less. */
    addNone(entry: Omit<HistoryEntry, "accountId">): Promise<void>;
    /** Newest first. */
    of(accountId: string, limit: number, offset: number): Promise<HistoryEntry[]>;
    /** The time of the first line after a moment; undefined without one. */
    firstAfter(accountId: string, after: number): Promise<number | undefined>;
    /** Removes the account's lines beyond the `max` newest, at most `limit` of them; without an account it removes nothing. */
    trim(accountId: string, max: number, limit: number): Promise<void>;
    /** Removes one line. */
    remove(accountId: string, id: string): Promise<void>;
    /** How many lines of each of these types came after a moment; types without any are left out. */
    countSince(
      accountId: string,
      types: readonly string[],
      after: number,
    ): Promise<ReadonlyMap<string, number>>;
    /** How many lines of a type came after a moment, and how many of them from this browser. */
    countFrom(
      accountId: string,
      type: string,
      after: number,
      browser: { device: string; address: string },
    ): Promise<{ all: number; fromBrowser: number }>;
    /** Removes at most `limit` lines from before a moment; answers how many. */
    prune(before: number, limit: number): Promise<number>;
  };

  /** The command line records these, and a server reports them. */
  events: {
    add(event: RecordedEvent): Promise<void>;
    /** The ids of at most `limit` that are neither reported nor claimed within the last `lasts` ms, oldest first. */
    claimable(now: number, lasts: number, limit: number): Promise<string[]>;
    /** Claims one for reporting; undefined when it was reported, or another server claimed it within the last `lasts` ms. */
    claim(id: string, now: number, lasts: number): Promise<RecordedEvent | undefined>;
    /** Marks it as reported, so that nobody claims it again. */
    reported(id: string, now: number): Promise<void>;
    /** Removes at most `limit` from before a moment, and returns how many. */
    prune(before: number, limit: number): Promise<number>;
  };

  /** Whatever is sealed, wherever it is. */
  sealed: {
    /** Keeps a sealed key under its name unless one is kept already; answers with the one that is kept. */
    insertOrGet(name: string, sealed: string): Promise<string>;
    /** The names of the keys that values of this kind are sealed with. */
    keyNames(kind: SealedKind): Promise<string[]>;
    /** At most `limit` values of a kind that another key than this has sealed, by id, from after an id on. */
    notBy(keyName: string, kind: SealedKind, limit: number, after?: string): Promise<SealedValue[]>;
    /** How many values of a kind that key has sealed. */
    countBy(keyName: string, kind: SealedKind): Promise<number>;
    /** Puts a newly sealed text in the place of the old; false when the old is not there any more. */
    replace(value: SealedValue, sealed: string): Promise<boolean>;
  };

  /** Pools that belong to an account carry its id; those whose name begins with `second-factor` are of that kind. */
  throttle: {
    /** Counts one attempt, before it is evaluated, unless a delay runs: one statement, so that races count exactly. */
    count(pool: string, rule: ThrottleRule, now: number, accountId?: string): Promise<Counted>;
    /** Takes one count back from the window it was counted in: the attempt was right, or was never evaluated. */
    refund(pool: string, since: number): Promise<void>;
    clear(pool: string): Promise<void>;
    /** When the longest delay that runs in any of these ends; undefined when none runs. */
    delayedUntil(pools: readonly string[], now: number): Promise<number | undefined>;
    /** The failures standing against an account in all its second-factor pools. */
    standing(accountId: string): Promise<number>;
    /** The same, and when the delay of one of these pools ends or has ended; 0 where there was none. */
    secondFactor(accountId: string, pool: string): Promise<{ failures: number; delayedUntil: number }>;
    /** Clears every pool of the account, or every one but this. */
    clearAccount(accountId: string, keepPool?: string): Promise<void>;
    /** Removes at most `limit` pools whose window has passed; answers how many. */
    prune(now: number, limit: number): Promise<number>;
  };

  /**
   * How far authenticators' clocks are from the server's: numbers of accounts, without saying which; see server-clock.ts.
   * The account keeps the last window that it was counted in, and not where: that is the only trace of it.
   */
  drifts: {
    /**
     * Counts the account in a bin; false when it was counted in this window already, or is gone. A transaction of its own:
     * never call it inside another.
     */
    note(accountId: string, window: number, bin: number): Promise<boolean>;
    /** The bins that are not empty, from this window on, in order. */
    since(window: number): Promise<DriftBin[]>;
    /** Removes the windows before the first and after the last of those to keep. */
    prune(first: number, last: number): Promise<void>;
  };
}

/** The storage cannot answer now: not a verdict, never a way in. The web says 503. */
export class StoreUnavailable extends Error {
  override name = "StoreUnavailable";
}
