/** What the rules need from the storage of one-time links. All times are Unix milliseconds. Tests: test/storage/store.test.ts */
import type { Link } from "./records.js";

export interface LinkStore {
  add(link: Link): Promise<void>;
  /** The link with this token, by any of its hashes, used or ended ones too. */
  find(tokenHashes: readonly [string, ...string[]]): Promise<Link | undefined>;
  /** Uses a link of this account; false when it was used, ended or has expired. */
  use(accountId: string, tokenHashes: readonly [string, ...string[]], now: number): Promise<boolean>;
  /** Ends the links of the account that were neither used nor ended. */
  endAll(accountId: string, now: number): Promise<void>;
  /** Removes the account's links beyond the `max` newest, at most `limit` of them. */
  trim(accountId: string, max: number, limit: number): Promise<void>;
  /** Removes at most `limit` that were used or ended before a moment; returns how many. */
  prune(before: number, limit: number): Promise<number>;
}
