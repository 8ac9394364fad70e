/**
 * What the rules need from a storage: plain records, and conditional writes whose answer is whether they held. All times
 * are Unix milliseconds. A transaction takes rows in one order: authenticators and enrolments, accounts, sessions, throttle.
 */

export interface Account {
  id: string;
  username: string;
  /** argon2id, in PHC string form. */
  passwordHash: string;
  isDemo: boolean;
  createdAt: number;
  /** When the first authenticator was confirmed; null until then. */
  secondFactorSince: number | null;
}

export interface Authenticator {
  id: string;
  accountId: string;
  name: string;
  /** The TOTP secret, sealed; see encryption.ts. */
  sealedSecret: string;
  /** The last time step that was accepted. It is spent (RFC 6238 §5.2, ASVS 5.0 6.5.1), and so are all before it. */
  lastStep: number;
  createdAt: number;
  lastUsedAt: number;
}

/** A secret that is shown on a set-up page and not confirmed yet; it belongs to one pending login. */
export interface Enrolment {
  sessionHash: string;
  accountId: string;
  authenticatorId: string;
  sealedSecret: string;
  createdAt: number;
}

export type SessionKind = "pending" | "session";

/** A browser that is past the password: a pending login, or a session. */
export interface SessionRow {
  idHash: string;
  kind: SessionKind;
  accountId: string;
  /** The pending login that a session was exchanged for. */
  openedFrom: string | null;
  /** Where the person wanted to go: a path of this site. */
  next: string | null;
  /** What was proved, separated by spaces: `password`, `password totp`. */
  methods: string;
  device: string;
  address: string;
  createdAt: number;
  lastSeenAt: number;
  expiresAt: number;
  endedAt: number | null;
  /** The few bytes that the web layer keeps for its next page (flash messages), as JSON. */
  data: string;
}

interface SessionWithAccount extends SessionRow {
  username: string;
  isDemo: boolean;
}

/** After `free` failures each further one brings the next delay (ms; the last repeats). */
export interface ThrottleRule {
  free: number;
  delays: readonly number[];
  /** Failures are forgotten this long (ms) after the first of them; null: only a success clears them. */
  window: number | null;
}

/** `since` names the window that the attempt was counted in. */
type Counted = { counted: true; since: number } | { counted: false; until: number };

export interface Store {
  /** Runs `work` in one transaction. Inside, await nothing but queries. */
  transaction<T>(work: (store: Store) => Promise<T>): Promise<T>;
  close(): Promise<void>;

  accounts: {
    /** False when the username is taken. */
    add(account: Account): Promise<boolean>;
    byUsername(username: string): Promise<Account | undefined>;
    byId(id: string): Promise<Account | undefined>;
    /**
     * Holds the account's row for the rest of a transaction while its password is still this one; false otherwise. A
     * change of password at the same time waits, and then sees what was opened, or comes first, and is seen here.
     */
    hold(id: string, passwordHash: string): Promise<boolean>;
    /** Marks the second factor as set up; false when it already was. */
    startSecondFactor(id: string, now: number): Promise<boolean>;
  };

  authenticators: {
    of(accountId: string): Promise<Authenticator[]>;
    add(authenticator: Authenticator): Promise<void>;
    /** Spends a time step; false when it, or a later one, was spent before. */
    spendStep(id: string, step: number, now: number): Promise<boolean>;
    /** The names of the keys that the stored secrets are sealed with. */
    keyNames(): Promise<string[]>;
  };

  enrolments: {
    /** Keeps the first enrolment of a pending login and answers with the one that is kept. */
    keep(enrolment: Enrolment): Promise<Enrolment>;
    of(sessionHash: string): Promise<Enrolment | undefined>;
    /** Takes the enrolment away; false when it was gone. */
    take(sessionHash: string): Promise<boolean>;
    /** Removes those whose pending login is over; answers how many. */
    prune(now: number): Promise<number>;
  };

  sessions: {
    open(row: SessionRow): Promise<void>;
    find(idHash: string): Promise<SessionWithAccount | undefined>;
    /** Ends a live row of this kind; false when it had ended or expired. The row stays as a tombstone. */
    end(idHash: string, now: number, kind?: SessionKind): Promise<boolean>;
    /** Ends the session that a pending login was exchanged for, if there is one. */
    endOpenedFrom(idHash: string, now: number): Promise<void>;
    /** Moves last-seen forward. Never touches an ended row. */
    seen(idHash: string, now: number): Promise<void>;
    /** Writes the web layer's bytes; false when the row has ended: an ended session never comes back. */
    write(idHash: string, data: string): Promise<boolean>;
    /** Removes at most `limit` rows that expired before `now`; answers how many. */
    prune(now: number, limit: number): Promise<number>;
  };

  throttle: {
    /** Counts one attempt, before it is evaluated, unless a delay runs: one statement, so that races count exactly. */
    count(pool: string, rule: ThrottleRule, now: number, accountId?: string): Promise<Counted>;
    /** Takes one count back from the window it was counted in: the attempt was right, or was never evaluated. */
    refund(pool: string, since: number): Promise<void>;
    clear(pool: string): Promise<void>;
    /** When the running delay ends; undefined when none runs. */
    delayedUntil(pool: string, now: number): Promise<number | undefined>;
    /** All failures standing against an account, over all its pools. */
    standing(accountId: string): Promise<number>;
    clearAccount(accountId: string): Promise<void>;
    /** Removes at most `limit` pools whose window has passed; answers how many. */
    prune(now: number, limit: number): Promise<number>;
  };
}

/** The storage cannot answer now: not a verdict, never a way in. The web says 503. */
export class StoreUnavailable extends Error {
  override name = "StoreUnavailable";
}
