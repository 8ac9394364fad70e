/**
 * The types of security events, for listeners of `latchkey.on`: a closed union, by `type`. docs/events.md says what each means.
 * Tests: test/public-events.test.ts
 */

interface EventBase {
  /** Of this event alone, the same in the log; where the event is in the account's history, the id of its line. */
  id: string;
  /** When it happened. What the command line does is heard up to a minute later. */
  at: Date;
  severity: "info" | "warning" | "critical";
  outcome: "success" | "failure";
  /** Only of an account that exists, or did. */
  accountId?: string;
  username?: string;
  /** Who did it, where it was not the owner: the operating system's user at the command line, or the host app. */
  by?: { kind: "operator" | "host"; name?: string };
  /** The client's IP address. */
  address?: string;
  /** The browser's User-Agent, up to 256 characters; empty when it sent none. */
  device?: string;
  /** A hash that stands for the sign-in: equal for all that one sign-in did. It opens nothing. */
  session?: string;
  /** The request's id in the log. */
  requestId?: string;
}

/** One event for each type. `reason`: why or how; `subject`: what it was about, which may hold text that a person typed. */
type EventOf<Type extends string, More = { reason?: undefined; subject?: undefined }> = Type extends string
  ? EventBase & { type: Type } & More
  : never;

type Reason<Reasons extends string> = { reason: Reasons; subject?: undefined };

type Subject = { reason?: undefined; subject: string };

export type SecurityEvent =
  | EventOf<
      | "password-accepted"
      | "password-refused"
      | "password-delayed"
      | "account-locked"
      | "signed-out"
      | "session-ended"
      | "other-sessions-ended"
      | "device-trusted"
      | "trusted-device-forgotten"
      | "account-added"
      | "account-imported"
      | "account-signed-out"
      | "account-disabled"
      | "account-enabled"
      | "account-removed"
      | "second-factor-reset"
    >
  | EventOf<
      | "recovery-code-used"
      | "recovery-codes-made"
      | "recovery-codes-proved"
      | "authenticator-set-up"
      | "authenticator-replaced"
      | "authenticator-renamed"
      | "authenticator-removed"
      | "authenticator-resynchronised"
      | "account-renamed"
      | "account-changed",
      Subject
    >
  | EventOf<
      "code-refused",
      {
        reason:
          | "wrong"
          | "used"
          | "earlier-step"
          | "later-step"
          | "other-algorithm"
          | "other-digits"
          | "other-period"
          | "counter-based"
          | "earlier-qr"
          | "other-authenticator"
          | "set-up-elsewhere"
          | "wrong-pair";
        /** How far off, in seconds; which setting; or which authenticator. */
        subject?: string;
      }
    >
  | EventOf<"recovery-code-refused", Reason<"typo" | "unknown" | "used" | "replaced">>
  | EventOf<"code-delayed", Reason<"delay" | "lock">>
  /** What was proved. `host`: the app's own sign-in. */
  | EventOf<"signed-in", Reason<`${"password" | "host"} ${"totp" | "recovery-code" | "trusted-device"}`>>
  | EventOf<"stepped-up", Reason<`${"password " | ""}${"totp" | "recovery-code"}`>>
  | EventOf<"password-changed", { reason?: "link"; subject?: undefined }>
  | EventOf<"link-made" | "link-used", Reason<"invitation" | "password" | "reset">>
  | EventOf<"account-unlocked", { reason?: "clock-ahead"; subject?: string }>;
