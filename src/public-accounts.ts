/** The types of `latchkey.accounts`: accounts that a host app creates, finds, lists and changes. Tests: test/public-api.test.ts */

export interface Account {
  /** Never changes and is never reused, so an app's own tables can refer to it. */
  id: string;
  username: string;
  email?: string;
  /** Its owner has used a link that was sent there, or the caller has said so. */
  emailConfirmed: boolean;
  name?: string;
  groups: readonly string[];
  /** The host app's own id of this person. */
  externalId?: string;
  createdAt: Date;
  disabled: boolean;
  /** Locked out until `unlock`. */
  locked: boolean;
  /** A password of Latchkey's own; false for the host's people, and before the first one is chosen. */
  hasPassword: boolean;
  /** An authenticator is set up. */
  hasSecondFactor: boolean;
  lastSignInAt?: Date;
}

/** Kept as given. `null` takes one away. */
export interface Attributes {
  /** An address as HTML's `input type=email` takes it, international ones too: at most 254 characters. */
  email?: string | null;
  /** The caller knows that the address is its owner's. Without it an address that changes is unconfirmed. */
  emailConfirmed?: boolean;
  /** 1 to 200 characters, no control characters. */
  name?: string | null;
  /** Each has 1 to 200 characters without commas, brackets and control characters; all together at most 2,000 bytes. */
  groups?: readonly string[];
}

export interface NewAccount extends Attributes {
  /**
   * Stored in lower case: 1 to 64 of a-z, 0-9 and `.` `_` `@` `+` `-`, beginning with a letter or digit. With an `externalId` and
   * no password it is a label: 1 to 200 characters, kept as given.
   */
  username: string;
  /** Left out: no password yet. */
  password?: string;
  /** The host app's own id of this person: 1 to 200 characters. */
  externalId?: string;
}

/** What is left out stays. `externalId` joins an account of Latchkey's own to the host's person. */
export interface AccountChanges extends Attributes {
  username?: string;
  externalId?: string | null;
}

export interface AccountList {
  accounts: Account[];
  /** The `after` of the next page; left out at the end. */
  next?: string;
}

/** What may be expected to fail; `message` is one sentence for the developer. */
export type Refusal =
  | { outcome: "invalid"; field: "username" | "email" | "name" | "groups" | "externalId"; message: string }
  | { outcome: "taken"; field: "username" | "externalId" }
  | {
      outcome: "password-refused";
      reason: "short" | "long" | "common" | "like-the-name";
      message: string;
    }
  /** There is no account with this id. */
  | { outcome: "unknown" };

type Refused<Outcome extends Refusal["outcome"]> = Extract<Refusal, { outcome: Outcome }>;

type Done = { outcome: "done"; account: Account };

/**
 * `id` is the account's own; whatever is not one is `unknown`. An act repeated is `done` again. Each takes effect at once and is an
 * event with `by: { kind: "host" }`.
 * @throws Error: with `status` 503 while the database cannot answer or too many passwords wait; a TypeError for wrong arguments
 */
export interface Accounts {
  create(
    account: NewAccount,
  ): Promise<{ outcome: "created"; account: Account } | Refused<"invalid" | "taken" | "password-refused">>;
  find(by: { id: string } | { username: string } | { externalId: string }): Promise<Account | undefined>;
  /** By id. `limit`: 100; more than 1,000 is taken for 1,000. `after`: the `next` of the page before. */
  list(page?: { limit?: number; after?: string }): Promise<AccountList>;
  /** A rename keeps sessions, second factor and history; the entries in apps keep their label. */
  update(id: string, changes: AccountChanges): Promise<Done | Refused<"unknown" | "invalid" | "taken">>;
  /** Signs out everywhere. `not-possible`: only the host app knows this person's password. */
  setPassword(
    id: string,
    password: string,
  ): Promise<Done | Refused<"unknown" | "password-refused"> | { outcome: "not-possible" }>;
  /** Signs out everywhere, and nobody signs in until `enable`. */
  disable(id: string): Promise<Done | Refused<"unknown">>;
  enable(id: string): Promise<Done | Refused<"unknown">>;
  /** Forgets failed attempts, and ends delays and lockouts. */
  unlock(id: string): Promise<Done | Refused<"unknown">>;
  /** Ends sessions and pending logins, and forgets trusted and known browsers. */
  signOut(id: string): Promise<Done | Refused<"unknown">>;
  /** Removes the account with everything that is its own; a record of the removal stays. */
  remove(id: string): Promise<{ outcome: "done" } | Refused<"unknown">>;
}
