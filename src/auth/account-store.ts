/** What the rules need from the storage of accounts. All times are Unix milliseconds. Tests: test/storage/store.test.ts */
import type { Account, AccountChanges, AccountSummary } from "./records.js";

export interface AccountStore {
  /**
   * False when the username or the host's id is taken.
   * @param foreignCost of a password hash that another system made: about how long (ms) its check takes
   */
  add(account: Account, foreignCost?: number | null): Promise<boolean>;
  byUsername(username: string): Promise<Account | undefined>;
  byId(id: string): Promise<Account | undefined>;
  /** By the host app's id. */
  byExternalId(externalId: string): Promise<Account | undefined>;
  /** All accounts, by name. */
  list(): Promise<AccountSummary[]>;
  /** At most `limit` accounts, by id, after the id `after`. */
  page(limit: number, after?: string): Promise<AccountSummary[]>;
  /** One account as the list shows it. */
  summary(id: string): Promise<AccountSummary | undefined>;
  /** Changes what is given; false when another account has the username or the host's id, or there is no such account. */
  update(id: string, changes: AccountChanges): Promise<boolean>;
  /** Whether a new second factor needs a link. */
  setNeedsLink(id: string, needsLink: boolean): Promise<void>;
  /** Whether there is any account besides the demo one. */
  any(): Promise<boolean>;
  /** Locks the account's row for the rest of the transaction and reads it then; undefined when it is gone. */
  lockRow(id: string): Promise<Account | undefined>;
  /** Marks the second factor as set up; false when it already was. */
  startSecondFactor(id: string, now: number): Promise<boolean>;
  /** Counts one more enrolment and returns its number, from 1; undefined when the account is gone. */
  nextEnrolment(id: string): Promise<number | undefined>;
  noteSignIn(id: string, now: number): Promise<void>;
  /** Stores a password hash of our own. */
  setPassword(id: string, passwordHash: string): Promise<void>;
  /** Replaces a hash with another one of the same password; false when it is not the account's hash any more. */
  rehash(id: string, from: string, to: string): Promise<boolean>;
  /** The longest check (ms) among the password hashes that other systems made; undefined without any. */
  dearestForeign(ownPrefix: string): Promise<number | undefined>;
  /** Voids the device cookies issued until now; returns the new credential version. */
  raiseCredentialVersion(id: string): Promise<number>;
  /** Marks the account as having no second factor. */
  resetSecondFactor(id: string): Promise<void>;
  /** Disables (a time) or enables (null) the account; false when it already was. */
  setDisabled(id: string, at: number | null): Promise<boolean>;
  /** Removes the account and everything that belongs to it. */
  remove(id: string): Promise<boolean>;
}
