/** The texts of an account's history, one for each type of security event. */
import type { HistoryLine, SecurityEventType } from "../../auth/index.js";
import { algorithmName, amount, duration, methodNames } from "./format.js";

/** What happened, as a phrase for a table: "Signed in with your password and a code from your authenticator". */
export function eventText(line: HistoryLine): string {
  const { type, reason = "", subject = "" } = line;
  const text = isKnown(type) ? TEXTS[type](reason, subject) : UNKNOWN;
  return line.byOperator ? `${text}, by the operator` : text;
}

/** For lines that a newer version wrote (rolling restart, downgrade). */
const UNKNOWN = "An event that this version of the site does not know";

function isKnown(type: string): type is SecurityEventType {
  return Object.hasOwn(TEXTS, type);
}

const TEXTS: Record<SecurityEventType, (reason: string, subject: string) => string> = {
  "signed-in": (methods) => `Signed in${withMethods(methods)}`,
  "stepped-up": (methods) => `Confirmed${withMethods(methods)}`,
  "password-accepted": () => "Right password on a new browser; the second step was not completed",
  "password-refused": () => "Password refused",
  "password-delayed": () => "Password not checked: too many tries",
  "code-refused": (reason, subject) => `Code refused: ${reasonText(reason, subject)}`,
  "recovery-code-refused": (reason, subject) => `Recovery code refused: ${reasonText(reason, subject)}`,
  "code-delayed": () => "Code not checked: too many tries",
  "account-locked": () => "The account was locked: too many tries",
  "recovery-code-used": (_reason, place) => {
    const [, sheet, position] = /^(\d+)\/(\d+)$/.exec(place) ?? [];
    return sheet === undefined ? "Recovery code used" : `Recovery code ${position} of set ${sheet} used`;
  },
  "recovery-codes-made": (_reason, sheet) => `Recovery codes made: set ${sheet}`,
  "recovery-codes-proved": (_reason, sheet) => `Recovery sheet proved: set ${sheet}`,
  "authenticator-set-up": (_reason, name) => `Authenticator set up: ${name}`,
  "authenticator-replaced": (_reason, names) => `Authenticator replaced: ${names}`,
  "authenticator-renamed": (_reason, names) => `Authenticator renamed: ${names}`,
  "authenticator-removed": (_reason, name) => `Authenticator removed: ${name}`,
  "authenticator-resynchronised": (_reason, name) => `Two codes in a row have set the clock of ${name} right`,
  "password-changed": () => "Password changed",
  "signed-out": () => "Signed out",
  "session-ended": () => "A session ended from the account page",
  "other-sessions-ended": () => "All other sessions ended",
  "device-trusted": () => "Device trusted",
  "trusted-device-forgotten": () => "A trusted device forgotten",
  "account-added": () => "Account added",
  "account-disabled": () => "Account disabled",
  "account-enabled": () => "Account enabled again",
  "account-removed": () => "Account removed",
  "account-unlocked": (reason) =>
    reason === "clock-ahead"
      ? "Account unlocked: the server’s clock had been ahead; new codes work again"
      : "Account unlocked",
  "second-factor-reset": () => "Second factor reset",
};

function withMethods(methods: string): string {
  return methods === "" ? "" : ` with ${methodNames(methods.split(" "))}`;
}

function reasonText(reason: string, subject: string): string {
  return REASONS.get(reason)?.(subject) ?? "it was wrong";
}

/** A text with the number in `subject`; a general one if there is no number. */
function numbered(textFor: (count: number) => string): (subject: string) => string {
  return (subject) => (/^\d{1,9}$/.test(subject) ? textFor(Number(subject)) : "it was wrong");
}

const REASONS = new Map<string, (subject: string) => string>([
  ["wrong", () => "it was wrong"],
  ["used", () => "it had been used"],
  ["earlier-step", numbered((seconds) => `it was for ${duration(seconds * 1_000)} ago`)],
  ["later-step", numbered((seconds) => `it was for ${duration(seconds * 1_000)} later`)],
  ["other-algorithm", (algorithm) => `the app made it with ${algorithmName(algorithm)}`],
  ["other-digits", numbered((digits) => `it had ${amount(digits, "digit")}`)],
  ["other-period", numbered((period) => `the app makes a new one every ${amount(period, "second")}`)],
  ["counter-based", () => "the entry in the app counts codes"],
  ["earlier-qr", (label) => `it belonged to a QR code from another try, ${label}`],
  ["other-authenticator", (name) => `it was one of ${name}`],
  ["set-up-elsewhere", () => "another browser had just set up an authenticator"],
  ["wrong-pair", () => "the two were not the right ones in a row"],
  ["typo", () => "it had a typing mistake"],
  ["unknown", () => "it was none of this account's"],
  ["replaced", () => "it was from an old sheet"],
]);
