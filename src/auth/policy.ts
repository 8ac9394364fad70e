/**
 * The numbers behind the rules: lifetimes, caps, retention, throttle, lockout. They stand here once.
 * Tests: test/policy-numbers.test.ts, test/docs/policy-numbers.test.ts
 */
import { STANDARD_PARAMETERS } from "../otp/index.js";
import type { ThrottleRule } from "./store.js";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Times are in milliseconds; each is a setting of the same name. */
export interface Policy {
  /** A session ends after this time without a request (NIST SP 800-63B-4 §2.2.3). */
  sessionIdle: number;
  /** A session ends this long after signing in, however much it is used. */
  sessionMax: number;
  /** The time from the password to the second factor. */
  pendingLogin: number;
  /** How long a proof of both factors allows sensitive changes. */
  stepUp: number;
  /** How long a trusted device's token stands for the second factor; 0 turns trusted devices off. */
  trustedDevice: number;
  /** How long a one-time link opens: invitations, and links for a password or after a reset. */
  invitation: number;
  /** Whether two codes in a row may resynchronise an authenticator (RFC 6238 §6). */
  resync: boolean;
}

export const DEFAULT_POLICY: Policy = {
  sessionIdle: HOUR,
  sessionMax: DAY,
  pendingLogin: 10 * MINUTE,
  stepUp: 10 * MINUTE,
  trustedDevice: 30 * DAY,
  invitation: 3 * DAY,
  resync: false,
};

/** Doubling from one minute to a quarter of an hour (NIST SP 800-63B-4 §3.2.2, ASVS 5.0 6.3.1). */
const DELAYS = [1, 2, 4, 8, 15].map((minutes) => minutes * MINUTE);

/** Wrong passwords for one name, known or unknown, or from one known browser. */
export const PASSWORD_RULE: ThrottleRule = { free: 5, delays: DELAYS, window: DAY };

/** Wrong passwords from one address, whatever the names. */
export const ADDRESS_RULE: ThrottleRule = { free: 50, delays: [15 * MINUTE], window: 15 * MINUTE };

/** Wrong codes and recovery codes for one account, from strangers or from one known browser. Only a right one clears them. */
export const SECOND_FACTOR_RULE: ThrottleRule = { free: 5, delays: DELAYS, window: null };

/** Standing second-factor failures that lock an account until the operator unlocks it (NIST SP 800-63B-4 §3.2.2). */
export const LOCKOUT_AFTER = 100;

/** After a right password and a wrong code at a step-up, the password need not be typed again for this long. */
export const PASSWORD_PROOF_LASTS = 2 * MINUTE;

/** Last-seen is written at most this often, so that reading pages costs no writes. */
export const LAST_SEEN_INTERVAL = MINUTE;

/** In Unicode characters (code points), after normalising (NIST SP 800-63B-4 §3.1.1.2). */
export const PASSWORD_LENGTH = { min: 8, max: 1_024 };

/**
 * In UTF-16 code units, as typed. A character has at most four of them before it is composed, so nothing longer can be a
 * password. Normalising this many takes at most 7 ms (8,000 combining marks take 25 ms, 30,000 a second).
 */
export const MAX_RAW_PASSWORD = 4 * PASSWORD_LENGTH.max;

/**
 * What a password hash of another system may cost, so that none is paid for that stops a server: bcrypt's exponent, rounds of
 * PBKDF2 and of phpass, memory of scrypt (all lanes together) and argon2 in KiB, and argon2's passes. The dearest takes some
 * one and a half seconds.
 */
export const MAX_FOREIGN_HASH = {
  bcryptCost: 14,
  pbkdf2Rounds: 2_000_000,
  memoryKiB: 256 * 1_024,
  argon2Passes: 10,
  lanes: 64,
  phpassRounds: 2 ** 16,
};

/** An imported TOTP secret, in bytes: 10 are what Google's first apps made (RFC 4226 §4 R6 asks for 16); 64 fill a block of HMAC-SHA-1. */
export const IMPORTED_SECRET_BYTES = { min: 10, max: 64 };

/** An imported key URI or secret, in UTF-16 code units. */
export const MAX_KEY_URI_LENGTH = 2_000;

/** One line of an import file, in bytes: no row whose values are within their bounds is longer. */
export const MAX_ROW_BYTES = 64 * 1_024;

/** Refused rows that an import's report lists; the others are counted. */
export const MAX_LISTED_REFUSALS = 10_000;

/** Names and ids that a dry run remembers, to notice one that is in its rows twice. */
export const MAX_DRY_RUN_NAMES = 1_000_000;

/** Session rows of an account, ended ones included. The least recently used one makes room. */
export const MAX_SESSIONS = 100;

/** Ended sessions that the step-ups of one sign-in leave behind. Signing out with one of their cookies still ends the sign-in. */
export const MAX_TOMBSTONES = 10;

/** Rows of pending logins: of all strangers together, and of each known browser, which others cannot push out. */
export const MAX_PENDING_LOGINS = 20;
export const MAX_PENDING_LOGINS_OF_BROWSER = 5;

/** Trusted browsers of an account. The least recently used one makes room. */
export const MAX_TRUSTED_DEVICES = 50;

/** One-time links of an account, closed ones included. The oldest makes room. */
export const MAX_LINKS = 5;

/** The longest that INVITATION can make a link open. */
export const MAX_INVITATION = 90 * DAY;

/** Used and ended links stay this long, to say what happened to them. An expired one stays until the next. */
export const LINK_RETENTION = 30 * DAY;

/** Lines of an account's history; the oldest make room. */
export const MAX_HISTORY = 1_000;

/** Surplus rows that one statement removes: more than ever arrive at once, and only a few milliseconds of work. */
export const TRIM_BATCH = 100;

/** A right password without a second step adds at most one history line for each browser in this time. */
export const UNFINISHED_INTERVAL = HOUR;
/** And at most this many lines for all browsers in that time: someone who has only the password must not flush the history. */
export const MAX_UNFINISHED = 20;

/** A secret is shown and can be confirmed for this long, even if its session lasts longer. */
export const ENROLMENT_LIFETIME = HOUR;

/** How many secrets of earlier set-ups are kept for each account, and for how long, to recognise their codes. */
export const MAX_EARLIER_ENROLMENTS = 5;
export const ENROLMENT_RETENTION = 7 * DAY;

/**
 * Time steps either side of now whose code is accepted: a phone's clock may be half a minute off, and typing takes time (RFC 6238
 * §5.2).
 */
export const WINDOW_STEPS = 1;

/** Time steps either side of now in which a refused code is looked for, and the same as a time. */
export const SEARCH_STEPS = 20;
export const SEARCH_MS = SEARCH_STEPS * STANDARD_PARAMETERS.period * SECOND;

/** How many authenticators an account may have. */
export const MAX_AUTHENTICATORS = 5;

/** Of ASCII characters. */
export const MAX_USERNAME_LENGTH = 64;

/** Of what a host app says about a person, in Unicode characters (code points): its id, its name for one of its own, and the full name. */
export const MAX_EXTERNAL_ID_LENGTH = 200;
export const MAX_HOST_NAME_LENGTH = 200;
export const MAX_FULL_NAME_LENGTH = 200;

/** How long a host app may take to check a password. Longer is an outage. */
export const HOST_ANSWER_MS = 2 * SECOND;

/** Of an address, in UTF-16 code units: what fits into SMTP's path of 256 octets (RFC 5321 §4.5.3.1.3). */
export const MAX_EMAIL_LENGTH = 254;

/** A group in Unicode characters (code points), and all of an account together in bytes of UTF-8: a proxy carries them in a header. */
export const MAX_GROUP_LENGTH = 200;
export const MAX_GROUPS_BYTES = 2_000;

/** Accounts in one page of a list. */
export const ACCOUNTS_PAGE = 100;
export const MAX_ACCOUNTS_PAGE = 1_000;

/** An account's part of the label in an authenticator app, in Unicode characters (code points). */
export const MAX_LABEL_LENGTH = 64;

/** An authenticator's name, in Unicode characters (code points). */
export const MAX_NAME_LENGTH = 64;

/** A pending login lasts this many times PENDING_LOGIN while the account has no second factor: an app may have to be installed. */
export const SET_UP_TIMES = 3;

/** How many recovery codes are made at once. */
export const RECOVERY_CODES = 10;

/** How long the browser that made recovery codes can see them again. */
export const RECOVERY_CODES_SHOWN_MS = 10 * MINUTE;

/** With this many recovery codes left, or fewer, the owner is warned. */
export const LOW_RECOVERY_CODES = 3;

/** Retention of history lines. */
export const HISTORY_RETENTION = 90 * DAY;

/** Retention of the operator's events, also after the account is removed. */
export const EVENT_RETENTION = 365 * DAY;

/** After this time another server may claim an event that was claimed but not reported. */
export const EVENT_CLAIM_MS = MINUTE;

/** How many events are read at once. */
export const REPORT_BATCH = 20;

/** A TOTP secret's length in bytes: 160 bits, as RFC 4226 §4 (R6) recommends. */
export const SECRET_BYTES = 20;

/** How long expired rows stay: the clocks of nodes differ, and a late code still leads to a filled-in login form. */
export const EXPIRED_RETENTION = HOUR;

/** Rows that one statement removes, and rows that one counts: a few milliseconds of work. */
export const PRUNE_BATCH = 50;
export const COUNT_BATCH = 2_000;
