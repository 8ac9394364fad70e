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
  /** A link by which the first password is still to be chosen; it may have expired. */
  invitationExpiresAt?: Date;
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

/** A link to give to the owner, and to nobody else. */
export interface OneTimeLink {
  outcome: "link";
  account: Account;
  /** Works once. Nothing else has it: it cannot be shown again. */
  url: string;
  expiresAt: Date;
}

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
  /** For an account that has not chosen its first password. Each link ends the one before. `not-needed`: it has one, or is yours. */
  invite(id: string): Promise<OneTimeLink | Refused<"unknown"> | { outcome: "not-needed" }>;
  /** By it the owner chooses a password; the old one holds until then. `not-possible`: only the host app knows this person's password. */
  passwordLink(id: string): Promise<OneTimeLink | Refused<"unknown"> | { outcome: "not-possible" }>;
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
  /**
   * Empties the second factor and signs out everywhere. The link is what setting up again then takes, beside the password. Without
   * a link (`done`): the host's people, the demo account, and `withoutLink`, after which the first factor alone opens the account.
   */
  resetSecondFactor(
    id: string,
    options?: { withoutLink?: boolean },
  ): Promise<OneTimeLink | Done | Refused<"unknown">>;
  /** Signs out everywhere, and nobody signs in until `enable`. */
  disable(id: string): Promise<Done | Refused<"unknown">>;
  enable(id: string): Promise<Done | Refused<"unknown">>;
  /** Forgets failed attempts, and ends delays and lockouts. */
  unlock(id: string): Promise<Done | Refused<"unknown">>;
  /** Ends sessions and pending logins, and forgets trusted and known browsers. */
  signOut(id: string): Promise<Done | Refused<"unknown">>;
  /** Removes the account with everything that is its own; a record of the removal stays. */
  remove(id: string): Promise<{ outcome: "done" } | Refused<"unknown">>;
  /**
   * Rows are checked one by one, whatever is in them: a bad one is left out, an account that is there already stays as it is, and
   * the rest goes in. Rows are not kept in memory. `dryRun` writes nothing. When it throws, the rows before are in, and a second
   * call goes on from there.
   */
  import(
    rows: Iterable<unknown> | AsyncIterable<unknown>,
    options?: { dryRun?: boolean },
  ): Promise<ImportReport>;
}

/** A row of an import. Any other field, or a value that is not as said, refuses the row. */
export interface ImportRow extends Omit<NewAccount, "password"> {
  /** A hash of another system, in one of the formats of docs/moving-in.md. It is checked as it is until the first sign-in. */
  passwordHash?: string | { secretData: string; credentialData: string };
  /** Base32, or a key URI: `otpauth://totp/…` with SHA-1, 6 digits and 30 seconds; 10 to 64 bytes. */
  totp?: string;
}

export interface ImportReport {
  imported: number;
  /** There already, by username or externalId. */
  skipped: number;
  /** `line` is the row's index, from 0 (in a file: its line, from 1). The first 10,000. */
  refused: { line: number; username?: string; message: string }[];
  /** How many more were refused than are listed; left out without any. */
  moreRefused?: number;
}
