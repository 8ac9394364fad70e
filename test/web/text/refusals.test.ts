/** The words for each refused code and recovery code. All other tests assert the reason. */
import { describe, expect, it } from "vitest";
import type { Refusal } from "../../../src/auth/index.js";
import * as refusals from "../../../src/web/text/refusals.js";

const NOW = new Date("2026-11-24T12:00:10Z");

const ADD_AGAIN =
  "Delete the entry in your app and add it again: with the QR code or, by the key, as time-based, SHA-1, 6 digits, 30 seconds. If that does not help, use another app.";

const NOTHING_DONE = "Nothing was counted against you, and no recovery code was used.";

type Row = [refusal: Refusal, text: string, advice: string];

/** Each reason with its words: what is wrong, and what to do. */
const CODES: Row[] = [
  [
    { outcome: "code-refused", reason: "wrong" },
    "That code was not accepted.",
    "Wait for your app’s next code and type that one.",
  ],
  [
    { outcome: "code-refused", reason: "used", nextAt: new Date("2026-11-24T12:00:30Z") },
    "That code has been used already, or a newer one has.",
    "Each works once. If your app still shows it, wait for the next good one (20 seconds); if not, type the one that it shows.",
  ],
  [
    { outcome: "code-refused", reason: "used", nextAt: NOW },
    "That code has been used already, or a newer one has.",
    "Each works once. If your app still shows it, wait for the next good one (1 second); if not, type the one that it shows.",
  ],
  [
    { outcome: "code-refused", reason: "used", nextAt: undefined },
    "That code has been used already, or a newer one has.",
    "Type the code that your app shows now. If that is refused in the same way, your phone’s clock or ours was wrong before: ask the people who run this site.",
  ],
  [
    { outcome: "code-refused", reason: "earlier-step", seconds: 150 },
    "That code was for 2 minutes 30 seconds ago.",
    "If your app shows it now, your phone’s clock is about 2½ minutes behind: turn on automatic date and time in its settings. If not, type the one that it shows.",
  ],
  [
    { outcome: "code-refused", reason: "earlier-step", seconds: 19_800 },
    "That code was for 5 hours 30 minutes ago.",
    "If your app shows it now, your phone’s clock is about 5½ hours behind: turn on automatic date, time and time zone in its settings. If not, type the one that it shows.",
  ],
  [
    { outcome: "code-refused", reason: "later-step", seconds: 150 },
    "That code is for 2 minutes 30 seconds from now.",
    "Your phone’s clock is about 2½ minutes ahead: turn on automatic date and time in its settings, then type the next code.",
  ],
  [
    { outcome: "code-refused", reason: "later-step", seconds: 600 },
    "That code is for 10 minutes from now.",
    "Your phone’s clock is about 10 minutes ahead: turn on automatic date and time in its settings, then type the next code.",
  ],
  [
    { outcome: "code-refused", reason: "other-algorithm", algorithm: "SHA256" },
    "Your app makes its codes with SHA-256, and this site uses SHA-1.",
    ADD_AGAIN,
  ],
  [
    { outcome: "code-refused", reason: "other-digits", digits: 8 },
    "Your app shows codes of 8 digits, and this site uses 6.",
    `${ADD_AGAIN} Nothing was counted against you.`,
  ],
  [
    { outcome: "code-refused", reason: "other-period", period: 60 },
    "Your app makes a new code every 60 seconds, and this site every 30.",
    ADD_AGAIN,
  ],
  [
    { outcome: "code-refused", reason: "counter-based", counter: 1 },
    "The entry in your app counts its codes instead of following the time.",
    ADD_AGAIN,
  ],
  [
    { outcome: "code-refused", reason: "earlier-qr", label: "test (2)" },
    "That code belongs to a QR code from another try.",
    "Delete the entry test (2) in your app, then add the one that this page shows.",
  ],
  [
    { outcome: "code-refused", reason: "other-authenticator", name: "Tom & Jerry's" },
    "That is a code of Tom & Jerry's, which is set up already.",
    "Type the code of the new entry. The one that you typed is used up now.",
  ],
  [
    { outcome: "code-refused", reason: "set-up-elsewhere" },
    "Another browser has just finished setting up an authenticator for this account.",
    "Use the code from that app.",
  ],
  [
    { outcome: "code-refused", reason: "wrong-pair" },
    "Those two codes were not accepted.",
    "Type the code that your app shows, wait until it changes, and type the next one.",
  ],
];

const RECOVERY_CODES: Row[] = [
  [
    { outcome: "recovery-code-refused", reason: "typo" },
    "There is a typing mistake in that code: its last character does not fit the others.",
    "Type it again from your sheet, character by character.",
  ],
  [
    { outcome: "recovery-code-refused", reason: "unknown" },
    "That code is well typed, but it is not one of this account’s.",
    "Is the sheet for another account or site?",
  ],
  [
    { outcome: "recovery-code-refused", reason: "used", at: NOW },
    "That code was used on 24 November 2026 at 12:00 UTC.",
    "Each works once: type another one from your sheet.",
  ],
  [
    { outcome: "recovery-code-refused", reason: "used" },
    "That code was used before.",
    "Each works once: type another one from your sheet.",
  ],
  [
    { outcome: "recovery-code-refused", reason: "replaced", at: NOW },
    "That code is from an old sheet, which a newer one replaced on 24 November 2026 at 12:00 UTC.",
    "Use the newer sheet.",
  ],
  [
    { outcome: "recovery-code-refused", reason: "replaced" },
    "That code is from an old sheet, which a newer one replaced since.",
    "Use the newer sheet.",
  ],
];

describe("the words for a refused code", () => {
  it.each(CODES)("say what is wrong and what to do: %o", (refusal, text, advice) => {
    const problem = refusals.refusalProblem(refusal, NOW);
    expect(problem).toEqual({ reason: refusal.reason, text, advice, field: "otp", showClock: true });
  });
});

describe("the words for a refused recovery code", () => {
  it.each(RECOVERY_CODES)("say what is wrong and what to do: %o", (refusal, text, advice) => {
    const problem = refusals.refusalProblem(refusal, NOW);
    expect(problem).toEqual({ reason: refusal.reason, text, advice, field: "recovery_code" });
  });
});

describe("the words for what is no code of its field", () => {
  it.each([
    [
      refusals.NOT_A_CODE,
      "not-a-code",
      "A code is six digits.",
      "Type the one that your app shows now; nothing was counted against you.",
    ],
    [
      refusals.NOT_A_RECOVERY_CODE,
      "not-a-recovery-code",
      "A recovery code is 17 letters and digits, in four groups.",
      "Type one from your sheet; nothing was counted against you.",
    ],
    [
      refusals.RECOVERY_CODE_IN_CODE_FIELD,
      "recovery-code-for-code",
      "That looks like a recovery code. This field takes the six digits from your app.",
      NOTHING_DONE,
    ],
    [
      refusals.RECOVERY_CODE_IN_CODE_FIELD_AT_CONFIRM,
      "recovery-code-for-code",
      "That looks like a recovery code. Type it into the field for recovery codes.",
      `Leave the field for the code from your app empty. ${NOTHING_DONE}`,
    ],
    [
      refusals.CODE_IN_RECOVERY_FIELD,
      "code-for-recovery-code",
      "Those six digits look like a code from your app. This field takes a recovery code.",
      NOTHING_DONE,
    ],
    [
      refusals.CODE_IN_RECOVERY_FIELD_AT_CONFIRM,
      "code-for-recovery-code",
      "Those six digits look like a code from your app. Type them into the field for that code.",
      NOTHING_DONE,
    ],
    [
      refusals.CODE_IN_PROOF_FIELD,
      "code-for-recovery-code",
      "Those six digits look like a code from your app. This field takes a recovery code.",
      `It has 17 letters and digits, in four groups. ${NOTHING_DONE}`,
    ],
  ])("name the right one: %o", (problem, reason, text, advice) => {
    expect(problem).toMatchObject({ reason, text, advice });
  });
});
