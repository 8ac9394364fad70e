/**
 * Security events: a closed list, for the log, the metrics and the history. They never hold secrets, or names that have no
 * account.
 * Tests: test/docs/events.test.ts, test/web/text/event-text.test.ts
 */
import type { Diagnosis } from "./authenticators/diagnosis.js";

export type CodeRefusal = Diagnosis["reason"];

/** `typo`: its check character does not fit; `unknown`: no code of this account; `replaced`: of a sheet that a newer one ended. */
export type RecoveryCodeRefusal = "typo" | "unknown" | "used" | "replaced";

/** What a one-time link lets its holder do: choose the first password, choose another, or set up a second factor after a reset. */
export type LinkPurpose = "invitation" | "password" | "reset";

/** Who and where. */
export interface About {
  /** Present only for an account that exists. */
  accountId?: string;
  username?: string;
  address?: string;
  /** The browser's User-Agent. */
  device?: string;
  /** The request that caused it, for the log and for listeners. */
  requestId?: string;
  /** The sign-in that caused it: `family` of its rows. Never leaves auth/, where it is part of a stored secret's hash; see report.ts. */
  family?: string;
  /** Who did it, if not the owner. */
  by?: { kind: "operator" | "host"; name?: string };
  /** Its own or that of its line in the history; a new one if left out. */
  id?: string;
  /** When it happened; now if left out. */
  at?: Date;
}

export type SecurityEvent = About & Happening;

/** An event as it is reported. `session` stands for the sign-in that caused it: equal for all that one sign-in did. */
export type ReportedEvent = Omit<About, "family" | "id" | "at"> & {
  id: string;
  at: Date;
  session?: string;
} & Happening;

/** What happened. `subject` names what it was about: an authenticator, the number of a sheet. */
export type Happening =
  /** `host`: no password, but the host app's own sign-in. */
  | { type: "password-accepted"; reason?: "host" }
  | { type: "password-refused" }
  | { type: "password-delayed" }
  | { type: "code-refused"; reason: CodeRefusal; subject?: string }
  | { type: "recovery-code-refused"; reason: RecoveryCodeRefusal }
  /** A second factor that was not evaluated: during a delay, or while the account is locked. */
  | { type: "code-delayed"; reason: "delay" | "lock" }
  /** No code is evaluated from here on until the operator unlocks the account. Reported once for each lockout. */
  | { type: "account-locked" }
  /** Its reason, and that of stepped-up, names the methods proved: `password totp`. */
  | { type: "signed-in"; reason: string }
  | { type: "stepped-up"; reason: string }
  | { type: "recovery-code-used"; subject: string }
  | { type: "recovery-codes-made"; subject: string }
  | { type: "recovery-codes-proved"; subject: string }
  | { type: "authenticator-set-up"; subject: string }
  | { type: "authenticator-replaced"; subject: string }
  | { type: "authenticator-renamed"; subject: string }
  | { type: "authenticator-removed"; subject: string }
  | { type: "authenticator-resynchronised"; subject: string }
  /** `link`: the new password was chosen by a one-time link. */
  | { type: "password-changed"; reason?: "link" }
  | { type: "signed-out" }
  | { type: "session-ended" }
  | { type: "other-sessions-ended" }
  | { type: "device-trusted" }
  | { type: "trusted-device-forgotten" }
  | { type: "account-added" }
  | { type: "account-imported" }
  /** Both names: `old → new`. */
  | { type: "account-renamed"; subject: string }
  /** The fields that changed, separated by spaces: `email groups`. */
  | { type: "account-changed"; subject: string }
  /** Sessions, pending logins and trusted devices were ended from outside. */
  | { type: "account-signed-out" }
  | { type: "link-made"; reason: LinkPurpose }
  | { type: "link-used"; reason: LinkPurpose }
  | { type: "account-disabled" }
  | { type: "account-enabled" }
  | { type: "account-removed" }
  /** `clock-ahead`: the subject is the number of authenticators that had accepted codes from the future. */
  | { type: "account-unlocked"; reason?: "clock-ahead"; subject?: string }
  | { type: "second-factor-reset" };

export type SecurityEventType = SecurityEvent["type"];

interface EventFacts {
  severity: "info" | "warning" | "critical";
  outcome: "success" | "failure";
  /** Whether it is also a line in the account's history. */
  inHistory: boolean;
}

const DONE: EventFacts = { severity: "info", outcome: "success", inHistory: true };
const REFUSED: EventFacts = { severity: "warning", outcome: "failure", inHistory: true };

/** Every type of the closed list. A test compares it with the table in docs/events.md. */
export const EVENTS: Record<SecurityEventType, EventFacts> = {
  // Delayed attempts add no history line. unfinished-logins.ts adds and removes the lines of password-accepted itself.
  "password-accepted": { ...DONE, inHistory: false },
  "password-refused": REFUSED,
  "password-delayed": { ...REFUSED, inHistory: false },
  "code-refused": REFUSED,
  "recovery-code-refused": REFUSED,
  "code-delayed": { ...REFUSED, inHistory: false },
  "account-locked": { severity: "critical", outcome: "failure", inHistory: false },
  "signed-in": DONE,
  "stepped-up": DONE,
  "signed-out": DONE,
  "recovery-code-used": { ...DONE, severity: "warning" },
  "recovery-codes-made": DONE,
  "recovery-codes-proved": DONE,
  "authenticator-set-up": DONE,
  "authenticator-replaced": DONE,
  "authenticator-renamed": DONE,
  "authenticator-removed": DONE,
  "authenticator-resynchronised": DONE,
  "password-changed": DONE,
  "session-ended": DONE,
  "other-sessions-ended": DONE,
  "device-trusted": DONE,
  "trusted-device-forgotten": DONE,
  "account-added": DONE,
  "account-imported": DONE,
  "account-renamed": DONE,
  "account-changed": DONE,
  "account-signed-out": DONE,
  "link-made": DONE,
  "link-used": DONE,
  "account-disabled": { ...DONE, severity: "warning" },
  "account-enabled": DONE,
  "account-removed": { ...DONE, severity: "warning", inHistory: false },
  "account-unlocked": DONE,
  // The account has no second factor now, until its owner sets one up again.
  "second-factor-reset": { ...DONE, severity: "warning" },
};

/**
 * The types that an owner should look at: attempts that failed, and right passwords without a second step. Most of them are lines
 * of the history.
 */
export const PROBLEMS: readonly SecurityEventType[] = [
  "password-accepted",
  "password-refused",
  "password-delayed",
  "code-refused",
  "recovery-code-refused",
  "code-delayed",
  "account-locked",
];

/** Whether an event is one of them. A type that only a newer version knows is none. */
export function isProblem({ type }: { type: string }): boolean {
  return PROBLEMS.some((problem) => problem === type);
}

/** The facts of an event type. A type that only a newer version knows raises no alarm. */
export function factsOf({ type }: { type: string }): EventFacts {
  return Object.hasOwn(EVENTS, type) ? EVENTS[type as SecurityEventType] : DONE;
}

export type Report = (event: ReportedEvent) => void;
