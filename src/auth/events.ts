/** What happened: a closed list, for the log and for the history of an account, without secrets and without names that do not exist. */
import type { Diagnosis } from "./diagnosis.js";

export type CodeRefusal = Diagnosis["reason"];

/** `typo`: its check character does not fit; `unknown`: no code of this account; `replaced`: of a sheet that a newer one ended. */
export type RecoveryCodeRefusal = "typo" | "unknown" | "used" | "replaced";

/** Whom and where it was about. */
export interface About {
  /** Present only for an account that exists. */
  accountId?: string;
  username?: string;
  address?: string;
  /** The browser's User-Agent. */
  device?: string;
  /** Of the request that brought it about: for the log alone. */
  requestId?: string;
  byOperator?: true;
}

/** `subject` names what it was about: an authenticator, the number of a sheet. */
export type SecurityEvent = About &
  (
    | { type: "password-accepted" }
    | { type: "password-refused" }
    | { type: "password-delayed" }
    | { type: "code-refused"; reason: CodeRefusal; subject?: string }
    | { type: "recovery-code-refused"; reason: RecoveryCodeRefusal }
    /** A second factor that was not looked at: during a delay, or while the account is locked. */
    | { type: "code-delayed"; reason: "delay" | "lock" }
    /** From here on nothing is looked at until the operator opens the account: told once for each lock. */
    | { type: "account-locked" }
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
    | { type: "password-changed" }
    | { type: "session-ended" }
    | { type: "other-sessions-ended" }
    | { type: "device-trusted" }
    | { type: "trusted-device-forgotten" }
    | { type: "account-added" }
    | { type: "account-disabled" }
    | { type: "account-enabled" }
    | { type: "account-removed" }
    | { type: "account-unlocked" }
    | { type: "second-factor-reset" }
  );

export type SecurityEventType = SecurityEvent["type"];

export type Report = (event: SecurityEvent) => void;
