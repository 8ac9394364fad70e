/** The history in plain words: every event there is, and each reason it may have. */
import { describe, expect, it } from "vitest";
import type { HistoryLine, SecurityEventType } from "../../../src/auth/index.js";
import { eventText } from "../../../src/web/text/event-text.js";

type Sample = { reason?: string; subject?: string; text: string };

/** Typed by the closed list itself: an event without a sample here does not compile. */
const SAMPLES: Record<SecurityEventType, Sample[]> = {
  "signed-in": [
    { reason: "password totp", text: "Signed in with your password and a code from your authenticator" },
    { reason: "password recovery-code", text: "Signed in with your password and a recovery code" },
    { reason: "password trusted-device", text: "Signed in with your password and a trusted device" },
  ],
  "stepped-up": [
    { reason: "password totp", text: "Confirmed with your password and a code from your authenticator" },
    { reason: "password recovery-code", text: "Confirmed with your password and a recovery code" },
  ],
  "password-accepted": [{ text: "Right password on a new browser; the second step was not completed" }],
  "password-refused": [{ text: "Password refused" }],
  "password-delayed": [{ text: "Password not checked: too many tries" }],
  "code-refused": [
    { reason: "wrong", text: "Code refused: it was wrong" },
    { reason: "used", text: "Code refused: it had been used" },
    { reason: "earlier-step", subject: "60", text: "Code refused: it was for 1 minute ago" },
    { reason: "earlier-step", subject: "150", text: "Code refused: it was for 2 minutes 30 seconds ago" },
    { reason: "earlier-step", subject: "600", text: "Code refused: it was for 10 minutes ago" },
    { reason: "later-step", subject: "90", text: "Code refused: it was for 1 minute 30 seconds later" },
    { reason: "later-step", subject: "19800", text: "Code refused: it was for 5 hours 30 minutes later" },
    { reason: "later-step", subject: "50400", text: "Code refused: it was for 14 hours later" },
    { reason: "other-algorithm", subject: "SHA256", text: "Code refused: the app made it with SHA-256" },
    { reason: "other-algorithm", subject: "SHA512", text: "Code refused: the app made it with SHA-512" },
    { reason: "other-digits", subject: "8", text: "Code refused: it had 8 digits" },
    {
      reason: "other-period",
      subject: "60",
      text: "Code refused: the app makes a new one every 60 seconds",
    },
    { reason: "counter-based", text: "Code refused: the entry in the app counts codes" },
    {
      reason: "earlier-qr",
      subject: "test (2)",
      text: "Code refused: it belonged to a QR code from another try, test (2)",
    },
    { reason: "other-authenticator", subject: "Pixel 9", text: "Code refused: it was one of Pixel 9" },
    { reason: "wrong-pair", text: "Code refused: the two were not the right ones in a row" },
    {
      reason: "set-up-elsewhere",
      text: "Code refused: another browser had just set up an authenticator",
    },
    // A line that an older or newer version wrote.
    { reason: "something-else", text: "Code refused: it was wrong" },
    { text: "Code refused: it was wrong" },
  ],
  "recovery-code-refused": [
    { reason: "typo", text: "Recovery code refused: it had a typing mistake" },
    { reason: "unknown", text: "Recovery code refused: it was none of this account's" },
    { reason: "used", text: "Recovery code refused: it had been used" },
    { reason: "replaced", text: "Recovery code refused: it was from an old sheet" },
  ],
  "code-delayed": [{ text: "Code not checked: too many tries" }],
  "account-locked": [{ text: "The account was locked: too many tries" }],
  "recovery-code-used": [{ subject: "2/4", text: "Recovery code 4 of set 2 used" }],
  "recovery-codes-made": [{ subject: "3", text: "Recovery codes made: set 3" }],
  "recovery-codes-proved": [{ subject: "3", text: "Recovery sheet proved: set 3" }],
  "authenticator-set-up": [{ subject: "Pixel 9", text: "Authenticator set up: Pixel 9" }],
  "authenticator-replaced": [
    { subject: "Pixel 7 → Pixel 9", text: "Authenticator replaced: Pixel 7 → Pixel 9" },
  ],
  "authenticator-renamed": [{ subject: "Phone → Pixel 9", text: "Authenticator renamed: Phone → Pixel 9" }],
  "authenticator-removed": [{ subject: "Pixel 7", text: "Authenticator removed: Pixel 7" }],
  "authenticator-resynchronised": [
    { subject: "Pixel 9", text: "Two codes in a row have set the clock of Pixel 9 right" },
  ],
  "password-changed": [{ text: "Password changed" }],
  "signed-out": [{ text: "Signed out" }],
  "session-ended": [{ text: "A session ended from the account page" }],
  "other-sessions-ended": [{ text: "All other sessions ended" }],
  "device-trusted": [{ text: "Device trusted" }],
  "trusted-device-forgotten": [{ text: "A trusted device forgotten" }],
  "account-added": [{ text: "Account added" }],
  "account-disabled": [{ text: "Account disabled" }],
  "account-enabled": [{ text: "Account enabled again" }],
  "account-removed": [{ text: "Account removed" }],
  "account-unlocked": [
    { text: "Account unlocked" },
    {
      reason: "clock-ahead",
      subject: "2",
      text: "Account unlocked: the server’s clock had been ahead; new codes work again",
    },
  ],
  "second-factor-reset": [{ text: "Second factor reset" }],
};

const ALL = Object.entries(SAMPLES).flatMap(([type, samples]) =>
  samples.map((sample) => ({ type: type as SecurityEventType, ...sample })),
);

function lineOf(type: SecurityEventType, { reason, subject }: Omit<Sample, "text">): HistoryLine {
  return { at: new Date(0), type, reason, subject, byOperator: false, device: "", address: "" };
}

describe("a line of the history", () => {
  it.each(ALL)(
    "reads as $text when $type has reason $reason and subject $subject",
    ({ type, text, ...about }) => {
      expect(eventText(lineOf(type, about))).toBe(text);
    },
  );

  it.each(ALL)("says so when the operator did it: $type", ({ type, text, ...about }) => {
    expect(eventText({ ...lineOf(type, about), byOperator: true })).toBe(`${text}, by the operator`);
  });

  it("keeps a name as its owner wrote it, for the page to escape", () => {
    const line = lineOf("authenticator-removed", { subject: "<b>Tom & Jerry's</b>" });
    expect(eventText(line)).toBe("Authenticator removed: <b>Tom & Jerry's</b>");
    const refused = lineOf("code-refused", {
      reason: "other-authenticator",
      subject: "<b>Tom & Jerry's</b>",
    });
    expect(eventText(refused)).toBe("Code refused: it was one of <b>Tom & Jerry's</b>");
  });
});
