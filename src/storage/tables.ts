/**
 * The types of the tables for Kysely. Times are Unix milliseconds; booleans are 0 and 1, because SQLite has no boolean type.
 * Tests: test/storage/migrations.test.ts
 */

import type { Generated } from "kysely";

export interface Tables {
  accounts: {
    id: string;
    username: string;
    password_hash: string;
    is_demo: number;
    created_at: number;
    second_factor_since: number | null;
    /** The account's credential version. */
    epoch: number;
    /** How many enrolments were begun. It only grows, so that no two entries in an app have the same label. */
    enrolments: number;
    disabled_at: number | null;
    last_sign_in_at: number | null;
    /** The host app's id of this person. */
    external_id: string | null;
    email: string | null;
    email_confirmed: Generated<number>;
    name: string | null;
    /** A JSON array; null is none. */
    groups: string | null;
    /** Whether only the holder of a link may set up a second factor. */
    needs_link: Generated<number>;
    /** Of a password hash that another system made: about how long (ms) its check takes. */
    foreign_cost: number | null;
    /** The last window of `drifts` in which this account was counted. Which bin it fell into is stored nowhere. */
    drift_window: number;
  };
  authenticators: {
    id: string;
    account_id: string;
    name: string;
    number: number;
    sealed_secret: string;
    last_step: number;
    created_at: number;
    last_used_at: number;
    drift_seconds: number | null;
    /** The first and the last of the future time steps that stay spent after an unlock, from when the server's clock ran ahead. */
    spent_from: number | null;
    spent_to: number | null;
    /** What the app shows; null: it follows from the username and the number. */
    label: string | null;
  };
  enrolments: {
    authenticator_id: string;
    /** Null once that pending login or session no longer exists, or has begun another enrolment. */
    session_hash: string | null;
    account_id: string;
    number: number;
    sealed_secret: string;
    created_at: number;
    label: string | null;
  };
  recovery_sheets: {
    account_id: string;
    number: number;
    created_at: number;
    proved_at: number | null;
  };
  recovery_codes: {
    /** Unique over all accounts, because the hashes are salted with the account's id. */
    code_hash: string;
    account_id: string;
    sheet: number;
    position: number;
    used_at: number | null;
    ended_at: number | null;
  };
  sessions: {
    id_hash: string;
    kind: string;
    account_id: string;
    family: string;
    next: string | null;
    methods: string;
    stepped_up_at: number | null;
    device: string;
    address: string;
    created_at: number;
    last_seen_at: number;
    expires_at: number;
    ended_at: number | null;
    data: string;
    browser: string | null;
    last_refusal: string | null;
    /** New recovery codes that this session still shows, and until when; both null without any. */
    sealed_codes: string | null;
    codes_until: number | null;
    /** When the password was last proved at a step-up, and the account's credential version then. */
    password_proved_at: number | null;
    password_proved_epoch: number | null;
    /** What was typed as the name, where a host app checks passwords. */
    login_name: string | null;
  };
  trusted_devices: {
    id: string;
    account_id: string;
    token_hash: string;
    device: string;
    address: string;
    created_at: number;
    last_used_at: number;
    expires_at: number;
  };
  links: {
    token_hash: string;
    account_id: string;
    kind: string;
    created_at: number;
    expires_at: number;
    used_at: number | null;
    /** Set with `used_at` too: null while the link is open, or has expired. */
    ended_at: number | null;
  };
  history: {
    id: string;
    account_id: string | null;
    at: number;
    /** The line's place among those of the same account and millisecond, from 0: one change may append several. */
    place: number;
    type: string;
    reason: string | null;
    subject: string | null;
    /** 1: somebody else than the owner did it. */
    by_operator: number;
    /** `operator` or `host`; null for the owner, and for lines from before there were hosts. */
    by_kind: string | null;
    /** The operator's user name, for lines of the command line. */
    by_name: string | null;
    device: string;
    address: string;
  };
  security_events: {
    id: string;
    type: string;
    at: number;
    /** No foreign key: the account may have been removed. */
    account_id: string | null;
    username: string | null;
    reason: string | null;
    subject: string | null;
    by_kind: string;
    by_name: string | null;
    /** When a server last claimed it for reporting; null until then. */
    claimed_at: number | null;
    reported_at: number | null;
  };
  throttle: {
    pool: string;
    account_id: string | null;
    failures: number;
    /** When the counting window began. */
    since: number;
    delayed_until: number;
    /** When the counting window ends; null: failures stand until they are cleared. */
    forget_at: number | null;
  };
  stored_keys: {
    name: string;
    sealed_key: string;
  };
  drifts: {
    window: number;
    bin: number;
    accounts: number;
  };
}

const tables: Record<keyof Tables, true> = {
  accounts: true,
  authenticators: true,
  enrolments: true,
  recovery_sheets: true,
  recovery_codes: true,
  sessions: true,
  trusted_devices: true,
  links: true,
  history: true,
  security_events: true,
  throttle: true,
  stored_keys: true,
  drifts: true,
};

/** The names of all tables. The record above makes the compiler report a missing one. */
export const TABLE_NAMES: readonly string[] = Object.keys(tables);
