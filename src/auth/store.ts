/**
 * What the rules need from a storage: conditional writes whose row count is the answer. All times are Unix milliseconds. Its
 * verbs: `remove` deletes, `trim` deletes beyond a cap, `prune` deletes what is out of date, `end` keeps the row as a tombstone.
 * A transaction that changes an account starts with `accounts.lockRow` and does everything else behind that lock: this prevents
 * deadlocks, and decisions on what another transaction is changing. A session's row is locked before its enrolment's, as in
 * pruning.
 * Tests: test/storage/store.test.ts
 */
import type { AccountStore } from "./account-store.js";
import type { LinkStore } from "./link-store.js";
import type {
  Authenticator,
  CodesOnShow,
  DriftBin,
  EarlierEnrolment,
  Enrolment,
  FutureLimit,
  HistoryEntry,
  LiveEnrolment,
  PasswordProof,
  RecordedEvent,
  RecoveryCode,
  RecoverySheet,
  SealedKind,
  SealedValue,
  SessionKind,
  SessionPool,
  SessionRow,
  SessionWithAccount,
  TrustedDevice,
} from "./records.js";
import type { ThrottleStore } from "./throttle-store.js";

export type { LinkStore } from "./link-store.js";
export type * from "./records.js";

export interface Store {
  /**
   * Runs `work` in one transaction. Inside, await nothing but queries. `work` runs again if two transactions conflict, so it must
   * have no effects besides its queries and its result.
   */
  transaction<T>(work: (store: Store) => Promise<T>): Promise<T>;
  /** Runs work that a person waits for: statements that run past a deadline are given up. @throws StoreUnavailable */
  withDeadline<T>(work: () => T): T;
  /** Moves the deadline of `withDeadline` on by so many ms, which something else than the storage took. */
  extendDeadline(ms: number): void;
  close(): Promise<void>;

  accounts: AccountStore;

  authenticators: {
    /** In the order in which they were set up. */
    of(accountId: string): Promise<Authenticator[]>;
    add(authenticator: Authenticator): Promise<void>;
    /** Spends a time step and stores the drift; false (a replay) when that step, or a later one, was spent before. */
    spendStep(id: string, step: number, now: number, driftSeconds: number | null): Promise<boolean>;
    /** Spends two consecutive steps; false (a replay) when either, or one later than the first, was spent before. */
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
    resetFuture(accountId: string, ahead: FutureLimit & { from: number | undefined }): Promise<number>;
    /** How many last steps lie ahead of `edge`, and the names of at most `limit` of their accounts, sorted. */
    countFuture(ahead: FutureLimit, limit: number): Promise<{ authenticators: number; usernames: string[] }>;
  };

  enrolments: {
    /**
     * Stores the first enrolment of a live pending login or session and returns the stored one; undefined when that login or
     * session has ended.
     */
    insertOrGet(enrolment: Enrolment): Promise<Enrolment | undefined>;
    of(sessionHash: string): Promise<Enrolment | undefined>;
    /** The account's enrolments whose pending login is live, or whose session is live and was seen after `idleSince`; by number. */
    live(accountId: string, now: number, idleSince: number): Promise<LiveEnrolment[]>;
    /** Removes the enrolment; false when it was gone. */
    take(sessionHash: string): Promise<boolean>;
    /** Ends an enrolment but keeps its secret as an earlier one; its session may begin another. */
    setAside(sessionHash: string): Promise<void>;
    /** The newest enrolments of the account except this session's, ended or not. */
    others(accountId: string, sessionHash: string, limit: number): Promise<EarlierEnrolment[]>;
    /** Removes those up to this number whose pending login or session has ended. */
    forgetUpTo(accountId: string, number: number, now: number): Promise<void>;
    /** Removes at most `limit` begun before a moment whose pending login or session is expired; returns how many. */
    prune(now: number, before: number, limit: number): Promise<number>;
  };

  /** Labels of entries in apps: of the account's authenticators, and of its secrets that are being set up. */
  labels: {
    /** Stores the labels that followed from the username until now, by the number of the entry. */
    freeze(accountId: string, labelOf: (number: number) => string): Promise<void>;
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
    /** Notes that a code was typed back from a sheet; false when that was known before. */
    prove(accountId: string, sheet: number, now: number): Promise<boolean>;
    /** Removes the sheets before this one, with their codes. */
    forgetBefore(accountId: string, sheet: number): Promise<void>;
    /** Keeps sealed codes in the row of a session that has not ended; they replace earlier ones. */
    show(idHash: string, codes: CodesOnShow): Promise<void>;
    /** Removes the sealed codes of all sessions of the account, or of one sign-in. */
    hide(accountId: string, family?: string): Promise<void>;
    /** The same for at most `limit` sessions that showed them until `now`; returns how many. */
    pruneShown(now: number, limit: number): Promise<number>;
  };

  sessions: {
    open(row: SessionRow): Promise<void>;
    /**
     * Removes the account's rows of a kind beyond the `max` most recently used, ended ones included, at most `limit` of them. Of
     * pending logins: those of one known browser, or (null) of all strangers.
     */
    trim(rows: SessionPool, max: number, limit: number): Promise<void>;
    /** Removes the tombstones of a sign-in's earlier sessions beyond the `max` newest; keeps its pending login's, and live rows. */
    trimTombstones(accountId: string, family: string, max: number): Promise<void>;
    find(idHash: string): Promise<SessionWithAccount | undefined>;
    /**
     * The `limit` newest of the account's sessions (no pending logins) that have not ended or expired and were seen after
     * `idleSince`.
     */
    live(accountId: string, now: number, idleSince: number, limit: number): Promise<SessionRow[]>;
    /**
     * The same of all accounts, counted among some `limit` rows: those that expire after a moment, the first to expire first.
     * `upTo`: the moment to continue from; undefined when nothing is left.
     */
    countBatch(
      after: number,
      idleSince: number,
      limit: number,
    ): Promise<{ total: number; upTo: number | undefined }>;
    /** Whether a row is live and, where `steppedUpSince` is given, both factors were proved in it after that. */
    isLive(idHash: string, now: number, steppedUpSince?: number): Promise<boolean>;
    /** Ends a live row of this kind; false when it had ended or expired. The row stays as a tombstone. */
    end(idHash: string, now: number, kind?: SessionKind): Promise<boolean>;
    /**
     * Ends a live pending login whose second step is done. Its tombstone is exempt from the cap: strangers must not push it out,
     * because signing out by its cookie ends the session. False when it had ended or expired.
     */
    complete(idHash: string, now: number): Promise<boolean>;
    /** Ends every row of one sign-in of this account; false when all of it had ended. */
    revokeFamily(accountId: string, family: string, now: number): Promise<boolean>;
    /** Ends every pending login and session of the account, except one if `keepHash` is given. */
    revokeAllExcept(accountId: string, now: number, keepHash?: string): Promise<void>;
    /** Changes where a pending login leads; false when it has ended or become a session. */
    setNext(idHash: string, next: string): Promise<boolean>;
    /** Ends the account's live pending logins no later than `lifetime` ms after each began. */
    shortenPending(accountId: string, lifetime: number): Promise<void>;
    /** Stores the last refused code. Never touches an ended row. */
    noteRefusal(idHash: string, refusal: string): Promise<void>;
    /** Stores the proof of the password, or clears it (null). Never touches an ended row. */
    setPasswordProof(idHash: string, proof: PasswordProof | null): Promise<void>;
    /** Moves last-seen forward. Never touches an ended row. */
    seen(idHash: string, now: number): Promise<void>;
    /** Writes the web layer's bytes; false when the row has ended. */
    write(idHash: string, data: string): Promise<boolean>;
    /** Removes at most `limit` rows that expired before `now`; returns how many. */
    prune(now: number, limit: number): Promise<number>;
  };

  trustedDevices: {
    add(device: TrustedDevice): Promise<void>;
    /** Removes the account's rows beyond the `max` most recently used, at most `limit` of them. */
    trim(accountId: string, max: number, limit: number): Promise<void>;
    /**
     * Notes a use of this account's token, found by any of its hashes, and stores the first hash from then on; false when there
     * is no such token or it has expired.
     */
    use(accountId: string, tokenHashes: readonly [string, ...string[]], now: number): Promise<boolean>;
    /** Those that have not expired, newest first, at most `limit`. */
    of(accountId: string, now: number, limit: number): Promise<TrustedDevice[]>;
    /** False when the account has no such device. */
    forget(accountId: string, id: string): Promise<boolean>;
    /** Removes the device with this token, found by any of its hashes, because its browser gets another. */
    forgetToken(accountId: string, tokenHashes: readonly string[]): Promise<void>;
    forgetAll(accountId: string): Promise<void>;
    /** Removes at most `limit` that expired before `now`; returns how many. */
    prune(now: number, limit: number): Promise<number>;
  };

  links: LinkStore;

  history: {
    /** Appends a line if its account exists. */
    add(entry: HistoryEntry): Promise<void>;
    /** Does the work of appending a line and leaves none: for names without an account, which must cost the same. */
    addAndRemove(entry: Omit<HistoryEntry, "accountId">): Promise<void>;
    /** Newest first; with `types` only lines of these. */
    of(accountId: string, limit: number, offset: number, types?: readonly string[]): Promise<HistoryEntry[]>;
    /** The time of the first line after a moment; undefined without one. */
    firstAfter(accountId: string, after: number): Promise<number | undefined>;
    /** Removes the account's lines beyond the `max` newest, at most `limit` of them. */
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
    /** Removes at most `limit` lines from before a moment; returns how many. */
    prune(before: number, limit: number): Promise<number>;
  };

  /** The command line records these, and a server reports them. */
  events: {
    add(event: RecordedEvent): Promise<void>;
    /** The ids of at most `limit` that are neither reported nor claimed within the last `claimMs` ms, oldest first. */
    claimable(now: number, claimMs: number, limit: number): Promise<string[]>;
    /** Claims one for reporting; undefined when it was reported, or another server claimed it within the last `claimMs` ms. */
    claim(id: string, now: number, claimMs: number): Promise<RecordedEvent | undefined>;
    /** Marks it as reported, so that nobody claims it again. */
    reported(id: string, now: number): Promise<void>;
    /** Removes at most `limit` from before a moment, and returns how many. */
    prune(before: number, limit: number): Promise<number>;
  };

  /** Whatever is sealed, wherever it is. */
  sealed: {
    /** Stores a sealed key under its name unless there is one already; returns the stored one. */
    insertOrGet(name: string, sealed: string): Promise<string>;
    /** The names of the keys that values of this kind are sealed with. */
    keyNames(kind: SealedKind): Promise<string[]>;
    /** At most `limit` values of a kind that a different key has sealed, by id, after the id `after`. */
    notBy(keyName: string, kind: SealedKind, limit: number, after?: string): Promise<SealedValue[]>;
    /** How many values of a kind that key has sealed. */
    countBy(keyName: string, kind: SealedKind): Promise<number>;
    /** Replaces a sealed text; false when the old one is not there any more. */
    replace(value: SealedValue, sealed: string): Promise<boolean>;
  };

  throttle: ThrottleStore;

  /**
   * How far authenticators' clocks are from the server's: numbers of accounts, not which accounts; see server-clock.ts. The
   * account's row stores only the last window in which it was counted.
   */
  drifts: {
    /**
     * Counts the account in a bin; false when it was counted in this window already, or is gone. Runs a transaction of its own:
     * never call it inside another.
     */
    note(accountId: string, window: number, bin: number): Promise<boolean>;
    /** The bins that are not empty, from this window on, in order. */
    since(window: number): Promise<DriftBin[]>;
    /** Removes the windows before `first` and after `last`. */
    prune(first: number, last: number): Promise<void>;
  };
}

/** The storage cannot answer now. This is never a verdict and never a way in: the web answers 503. */
export class StoreUnavailable extends Error {
  override name = "StoreUnavailable";
}
