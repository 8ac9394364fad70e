/** What happened, for the log: a closed list, without secrets and without names that do not exist. */

export type SecurityEvent = {
  /** Present only for an account that exists. */
  accountId?: string;
  username?: string;
  address?: string;
} & (
  | { type: "password-accepted" }
  | { type: "password-refused" }
  | { type: "password-delayed" }
  | { type: "code-refused"; reason: "wrong" | "used" | "set-up-elsewhere" }
  | { type: "code-delayed" }
  | { type: "account-locked" }
  | { type: "authenticator-set-up" }
  | { type: "signed-in"; methods: string }
  | { type: "account-added" }
  | { type: "account-unlocked" }
);

export type Report = (event: SecurityEvent) => void;
