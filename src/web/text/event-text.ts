/** The texts of an account's history: what happened, one message for each type of security event, and how and from where. */
import type { HistoryGroup, SecurityEventType } from "../../auth/index.js";
import { type Message, message } from "../catalogue/message.js";
import { deviceName } from "./device-name.js";

/** What happened: "Signed in", "6 wrong codes". */
export function eventTitle({ type, reason = "", subject = "", count }: EventOf): Message {
  // A newer version may have written the line (rolling restart, downgrade).
  return isKnown(type) ? TITLES[type]({ reason, subject, count }) : message("event-unknown");
}

type EventOf = Pick<HistoryGroup, "type" | "reason" | "subject" | "count">;

/** How, in which browser and from where: "With password and code, Firefox on Windows, 203.0.113.7". */
export function eventDetail({ type, reason, byKind, device, address }: HistoryGroup): Message {
  if (byKind !== undefined) return message(byKind === "host" ? "event-by-site" : "event-by-operator");
  const where = { device: deviceName(device), address };
  const methods = type === "signed-in" || type === "stepped-up" ? methodNames(reason ?? "") : [];
  return methods.length > 0 ? message("event-how", { methods, ...where }) : message("event-where", where);
}

function isKnown(type: string): type is SecurityEventType {
  return Object.hasOwn(TITLES, type);
}

interface About {
  reason: string;
  subject: string;
  count: number;
}

const TITLES: Record<SecurityEventType, (about: About) => Message> = {
  "signed-in": () => message("event-signed-in"),
  "stepped-up": () => message("event-stepped-up"),
  "password-accepted": ({ reason }) =>
    message(reason === "host" ? "event-site-accepted" : "event-password-accepted"),
  "password-refused": ({ count }) => message("event-password-refused", { count }),
  "password-delayed": () => message("event-password-delayed"),
  "code-refused": (about) => refusedCode(about) ?? message("event-code-wrong", { count: about.count }),
  "recovery-code-refused": (about) => refusedRecoveryCode(about),
  "code-delayed": () => message("event-code-delayed"),
  "account-locked": () => message("event-account-locked"),
  "recovery-code-used": ({ subject }) => {
    const [, set, position] = /^(\d{1,9})\/(\d{1,9})$/.exec(subject) ?? [];
    if (set === undefined || position === undefined) return message("event-recovery-code-used");
    return message("event-recovery-code-used-of", { position: Number(position), set: Number(set) });
  },
  "recovery-codes-made": ({ subject }) => message("event-recovery-codes-made", { set: subject }),
  "recovery-codes-proved": ({ subject }) => message("event-recovery-codes-checked", { set: subject }),
  "authenticator-set-up": ({ subject }) => message("event-app-added", { name: subject }),
  "authenticator-replaced": ({ subject }) => message("event-app-replaced", { names: subject }),
  "authenticator-renamed": ({ subject }) => message("event-app-renamed", { names: subject }),
  "authenticator-removed": ({ subject }) => message("event-app-removed", { name: subject }),
  "authenticator-resynchronised": ({ subject }) => message("event-app-resynchronised", { name: subject }),
  "password-changed": ({ reason }) =>
    message(reason === "link" ? "event-password-changed-by-link" : "event-password-changed"),
  "signed-out": () => message("event-signed-out"),
  "session-ended": () => message("event-session-ended"),
  "other-sessions-ended": () => message("event-other-sessions-ended"),
  "device-trusted": () => message("event-browser-trusted"),
  "trusted-device-forgotten": () => message("event-browser-not-trusted"),
  "account-added": () => message("event-account-added"),
  "account-imported": () => message("event-account-imported"),
  "account-renamed": ({ subject }) => message("event-account-renamed", { names: subject }),
  "account-changed": ({ subject }) => changedAccount(subject),
  "account-signed-out": () => message("event-account-signed-out"),
  "link-made": ({ reason }) => LINKS_MADE.get(reason) ?? message("event-link-made"),
  "link-used": ({ reason }) => LINKS_USED.get(reason) ?? message("event-link-used"),
  "account-disabled": () => message("event-account-disabled"),
  "account-enabled": () => message("event-account-enabled"),
  "account-removed": () => message("event-account-removed"),
  "account-unlocked": ({ reason }) =>
    message(reason === "clock-ahead" ? "event-account-unlocked-clock" : "event-account-unlocked"),
  "second-factor-reset": () => message("event-second-factor-reset"),
};

const LINKS_MADE = new Map([
  ["invitation", message("event-link-made-invitation")],
  ["password", message("event-link-made-password")],
  ["reset", message("event-link-made-reset")],
]);

const LINKS_USED = new Map([
  ["invitation", message("event-link-used-invitation")],
  ["password", message("event-link-used-password")],
  ["reset", message("event-link-used-reset")],
]);

/** @param subject the fields that changed, separated by spaces: "email groups" */
function changedAccount(subject: string): Message {
  const fields = subject.split(" ").map((field) => FIELDS.get(field) ?? field);
  return message("event-account-changed", { fields });
}

const FIELDS = new Map([
  ["email", message("event-field-email")],
  ["emailConfirmed", message("event-field-email-confirmed")],
  ["name", message("event-field-name")],
  ["groups", message("event-field-groups")],
  ["externalId", message("event-field-external-id")],
]);

/** Undefined for a reason that this version does not know, or whose number is missing. */
function refusedCode({ reason, subject, count }: About): Message | undefined {
  const number = /^\d{1,9}$/.test(subject) ? Number(subject) : undefined;
  switch (reason) {
    case "used":
      return message("event-code-used", { count });
    case "earlier-step":
      return number === undefined ? undefined : message("event-code-earlier", { count, seconds: number });
    case "later-step":
      return number === undefined ? undefined : message("event-code-later", { count, seconds: number });
    case "other-algorithm":
      return message("event-code-algorithm", { count, algorithm: subject.replace("SHA", "SHA-") });
    case "other-digits":
      return number === undefined ? undefined : message("event-code-digits", { count, digits: number });
    case "other-period":
      return number === undefined ? undefined : message("event-code-period", { count, period: number });
    case "counter-based":
      return message("event-code-counter", { count });
    case "earlier-qr":
      return message("event-code-earlier-qr", { count, label: subject });
    case "other-authenticator":
      return message("event-code-other-app", { count, name: subject });
    case "set-up-elsewhere":
      return message("event-code-set-up-elsewhere", { count });
    case "wrong-pair":
      return message("event-code-wrong-pair", { count });
  }
  return undefined;
}

function refusedRecoveryCode({ reason, count }: About): Message {
  switch (reason) {
    case "typo":
      return message("event-recovery-code-typo", { count });
    case "used":
      return message("event-recovery-code-spent", { count });
    case "replaced":
      return message("event-recovery-code-replaced", { count });
  }
  return message("event-recovery-code-wrong", { count });
}

/** @param reason the methods proved, separated by spaces: "password totp" */
function methodNames(reason: string): (Message | string)[] {
  return reason
    .split(" ")
    .filter(Boolean)
    .map((method) => METHODS.get(method) ?? method);
}

const METHODS = new Map([
  ["password", message("method-password")],
  ["host", message("method-site")],
  ["totp", message("method-code")],
  ["recovery-code", message("method-recovery-code")],
  ["trusted-device", message("method-trusted-browser")],
]);
