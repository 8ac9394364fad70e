/** The history in plain words: every event there is, and each reason it may have. */
import { describe, expect, it } from "vitest";
import type { HistoryGroup, SecurityEventType } from "../../../src/auth/index.js";
import { eventDetail, eventTitle } from "../../../src/web/text/event-text.js";
import { english } from "../../support/english.js";

type Sample = { reason?: string; subject?: string; count?: number; text: string };

/** Typed by the closed list itself: an event without a sample here does not compile. */
const SAMPLES: Record<SecurityEventType, Sample[]> = {
  "signed-in": [{ reason: "password totp", text: "Signed in" }],
  "stepped-up": [{ reason: "password recovery-code", text: "Confirmed" }],
  "password-accepted": [{ text: "Right password on a new browser, without the second step" }],
  "password-refused": [{ text: "Wrong password" }, { count: 5, text: "5 wrong passwords" }],
  "password-delayed": [{ text: "Password not checked: too many tries" }],
  "code-refused": [
    { reason: "wrong", text: "Wrong code" },
    { reason: "wrong", count: 6, text: "6 wrong codes" },
    { reason: "used", text: "Code that was used before" },
    { reason: "used", count: 2, text: "2 codes that were used before" },
    { reason: "earlier-step", subject: "60", text: "Code from a clock 1 minute behind" },
    { reason: "earlier-step", subject: "150", text: "Code from a clock 2½ minutes behind" },
    { reason: "earlier-step", subject: "150", count: 3, text: "3 codes from a clock 2½ minutes behind" },
    { reason: "later-step", subject: "90", text: "Code from a clock 1½ minutes ahead" },
    { reason: "later-step", subject: "19800", text: "Code from a clock 5½ hours ahead" },
    { reason: "other-algorithm", subject: "SHA256", text: "Wrong kind of code: made with SHA-256" },
    {
      reason: "other-algorithm",
      subject: "SHA512",
      count: 2,
      text: "2 codes of the wrong kind: made with SHA-512",
    },
    { reason: "other-digits", subject: "8", text: "Wrong kind of code: 8 digits" },
    { reason: "other-period", subject: "60", text: "Wrong kind of code: it changes every 60 seconds" },
    { reason: "counter-based", text: "Wrong kind of code: counted, not made from the time" },
    { reason: "earlier-qr", subject: "test (2)", text: "Code of an earlier QR code, test (2)" },
    { reason: "other-authenticator", subject: "Pixel 9", text: "Code of another app, Pixel 9" },
    { reason: "wrong-pair", text: "Two codes that do not follow each other" },
    { reason: "set-up-elsewhere", text: "Code for a set-up that another browser had finished" },
    // A line that an older or newer version wrote.
    { reason: "something-else", text: "Wrong code" },
    { reason: "later-step", text: "Wrong code" },
    { text: "Wrong code" },
  ],
  "recovery-code-refused": [
    { reason: "typo", text: "Recovery code with a typing mistake" },
    { reason: "unknown", text: "Wrong recovery code" },
    { reason: "unknown", count: 2, text: "2 wrong recovery codes" },
    { reason: "used", text: "Recovery code that was used before" },
    { reason: "replaced", text: "Recovery code of an older set" },
  ],
  "code-delayed": [{ text: "Code not checked: too many tries" }],
  "account-locked": [{ text: "Account locked: too many wrong codes" }],
  "recovery-code-used": [
    { subject: "2/4", text: "Recovery code 4 of set 2 used" },
    { text: "Recovery code used" },
  ],
  "recovery-codes-made": [{ subject: "3", text: "Recovery codes made: set 3" }],
  "recovery-codes-proved": [{ subject: "3", text: "Recovery codes checked: set 3" }],
  "authenticator-set-up": [{ subject: "Pixel 9", text: "App added: Pixel 9" }],
  "authenticator-replaced": [{ subject: "Pixel 7 → Pixel 9", text: "App replaced: Pixel 7 → Pixel 9" }],
  "authenticator-renamed": [{ subject: "Phone → Pixel 9", text: "App renamed: Phone → Pixel 9" }],
  "authenticator-removed": [{ subject: "<b>Tom & Jerry's</b>", text: "App removed: <b>Tom & Jerry's</b>" }],
  "authenticator-resynchronised": [
    { subject: "Pixel 9", text: "Clock of Pixel 9 set right by two codes in a row" },
  ],
  "password-changed": [{ text: "Password changed" }, { reason: "link", text: "Password chosen by a link" }],
  "signed-out": [{ text: "Signed out" }],
  "session-ended": [{ text: "A browser signed out from the account page" }],
  "other-sessions-ended": [{ text: "All other browsers signed out" }],
  "device-trusted": [{ text: "Browser trusted" }],
  "trusted-device-forgotten": [{ text: "A browser is no longer trusted" }],
  "account-added": [{ text: "Account added" }],
  "account-imported": [{ text: "Account imported" }],
  "account-renamed": [{ subject: "anna → anne", text: "Username changed: anna → anne" }],
  "account-changed": [
    { subject: "groups", text: "Account changed: groups" },
    {
      subject: "email emailConfirmed name",
      text: "Account changed: email address, confirmation of the email address and name",
    },
    { subject: "externalId shoeSize", text: "Account changed: link to the site’s own user and shoeSize" },
  ],
  "account-signed-out": [{ text: "Signed out everywhere, and no browser is trusted" }],
  "link-made": [
    { reason: "invitation", text: "Link made for choosing the first password" },
    { reason: "password", text: "Link made for choosing a new password" },
    { reason: "reset", text: "Link made for setting up the second step" },
    { reason: "newer", text: "One-time link made" },
  ],
  "link-used": [
    { reason: "invitation", text: "Link used for choosing the first password" },
    { reason: "password", text: "Link used for choosing a new password" },
    { reason: "reset", text: "Link used for setting up the second step" },
    { reason: "newer", text: "One-time link used" },
  ],
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
  "second-factor-reset": [{ text: "Second step reset" }],
};

const ALL = Object.entries(SAMPLES).flatMap(([type, samples]) =>
  samples.map((sample) => ({ type: type as SecurityEventType, count: 1, ...sample })),
);

const LINE: HistoryGroup = {
  at: new Date(0),
  firstAt: new Date(0),
  type: "signed-in",
  reason: undefined,
  subject: undefined,
  byKind: undefined,
  device: "curl/8.14.1",
  address: "198.51.100.9",
  count: 1,
  isProblem: false,
};

describe("a line of the history", () => {
  it.each(ALL)(
    "reads as $text when $count of $type have reason $reason and subject $subject",
    ({ text, ...about }) => {
      expect(english(eventTitle({ ...LINE, ...about }))).toBe(text);
    },
  );

  it("says that it is not known when a newer version wrote it", () => {
    expect(english(eventTitle({ ...LINE, type: "constructor" }))).toMatch(/does not know/);
  });
});

describe("the detail of a line", () => {
  it.each([
    ["signed-in", "password totp", "With password and code, curl, 198.51.100.9"],
    ["signed-in", "password trusted-device", "With password and trusted browser, curl, 198.51.100.9"],
    ["signed-in", "host totp", "With the site’s own sign-in and code, curl, 198.51.100.9"],
    ["stepped-up", "password recovery-code", "With password and recovery code, curl, 198.51.100.9"],
    ["signed-in", "newer", "With newer, curl, 198.51.100.9"],
    ["signed-in", undefined, "curl, 198.51.100.9"],
    ["code-refused", "wrong", "curl, 198.51.100.9"],
  ])("names how, the browser and the address when the event is %s, %s", (type, reason, text) => {
    expect(english(eventDetail({ ...LINE, type, reason }))).toBe(text);
  });

  it("names the operator or the site in their place when it was not the owner", () => {
    expect(english(eventDetail({ ...LINE, byKind: "operator" }))).toBe("By the operator");
    expect(english(eventDetail({ ...LINE, byKind: "host" }))).toBe("By the site");
  });
});
