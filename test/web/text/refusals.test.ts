/** The words for each refused code and recovery code. All other tests assert the reason. */
import { describe, expect, it } from "vitest";
import type { Refusal } from "../../../src/auth/index.js";
import type { Problem } from "../../../src/web/render/page.js";
import * as refusals from "../../../src/web/text/refusals.js";
import { english } from "../../support/english.js";

const NOW = new Date("2026-11-24T12:00:10Z");

const ADD_AGAIN = "Delete the entry in your app and scan the QR code again.";

const NOTHING_DONE = "This try did not count, and no recovery code was used.";

const wordsOf = ({ reason, text, advice, field }: Problem) => [reason, english(text), english(advice), field];

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
    "That code, or a newer one, was used already.",
    "Wait 20 seconds for the next one.",
  ],
  [
    { outcome: "code-refused", reason: "used", nextAt: NOW },
    "That code, or a newer one, was used already.",
    "Wait 1 second for the next one.",
  ],
  [
    { outcome: "code-refused", reason: "used", nextAt: undefined },
    "That code, or a newer one, was used already.",
    "Type the code that your app shows now. If it is refused too, contact the people who run this site: a clock was wrong.",
  ],
  [
    { outcome: "code-refused", reason: "earlier-step", seconds: 150 },
    "That code expired 2½ minutes ago.",
    "If your app shows it now, your phone’s clock is slow: turn on automatic date and time.",
  ],
  [
    { outcome: "code-refused", reason: "earlier-step", seconds: 19_800 },
    "That code expired 5½ hours ago.",
    "If your app shows it now, your phone’s clock is slow: turn on automatic date, time and time zone.",
  ],
  [
    { outcome: "code-refused", reason: "later-step", seconds: 150 },
    "That code is from 2½ minutes in the future.",
    "Your phone’s clock is fast: turn on automatic date and time, then type the next code.",
  ],
  [
    { outcome: "code-refused", reason: "later-step", seconds: 600 },
    "That code is from 10 minutes in the future.",
    "Your phone’s clock is fast: turn on automatic date and time, then type the next code.",
  ],
  [
    { outcome: "code-refused", reason: "other-algorithm", algorithm: "SHA256" },
    "Your app makes its codes with SHA-256; this site uses SHA-1.",
    ADD_AGAIN,
  ],
  [
    { outcome: "code-refused", reason: "other-digits", digits: 8 },
    "Your app shows codes of 8 digits; this site uses 6.",
    ADD_AGAIN,
  ],
  [
    { outcome: "code-refused", reason: "other-period", period: 60 },
    "Your app makes a new code every 60 seconds; this site every 30.",
    ADD_AGAIN,
  ],
  [
    { outcome: "code-refused", reason: "counter-based", counter: 1 },
    "The entry in your app counts its codes instead of following the time.",
    ADD_AGAIN,
  ],
  [
    { outcome: "code-refused", reason: "earlier-qr", label: "test (2)" },
    "That code belongs to an earlier QR code.",
    "Delete the entry test (2) in your app, then add the one that this page shows.",
  ],
  [
    { outcome: "code-refused", reason: "other-authenticator", name: "Tom & Jerry's" },
    "That is a code of Tom & Jerry's, which is set up already.",
    "Type the code of the new entry. The one that you typed is used up.",
  ],
  [
    { outcome: "code-refused", reason: "set-up-elsewhere" },
    "Another browser has just set up an app for this account.",
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
    "There is a typing mistake in that code.",
    "Type it again, character by character.",
  ],
  [
    { outcome: "recovery-code-refused", reason: "unknown" },
    "That is a recovery code, but not one of this account’s.",
    "Is it for another account or site?",
  ],
  [
    { outcome: "recovery-code-refused", reason: "used", at: NOW },
    "That code was used already: 24 Nov 2026, 12:00 UTC.",
    "Each works once. Type another one.",
  ],
  [
    { outcome: "recovery-code-refused", reason: "used" },
    "That code was used already.",
    "Each works once. Type another one.",
  ],
  [
    { outcome: "recovery-code-refused", reason: "replaced", at: NOW },
    "That code is of an older set, replaced on 24 Nov 2026.",
    "Use the newer set.",
  ],
  [
    { outcome: "recovery-code-refused", reason: "replaced" },
    "That code is of an older set.",
    "Use the newer set.",
  ],
];

describe("the words for a refused code", () => {
  it.each(CODES)("say what is wrong and what to do: %o", (refusal, text, advice) => {
    const problem = refusals.refusalProblem(refusal, NOW);
    expect(wordsOf(problem)).toEqual([refusal.reason, text, advice, "otp"]);
    // Our clock helps only where a clock can be the reason.
    expect(problem.showClock ?? false).toBe(["wrong", "earlier-step", "later-step"].includes(refusal.reason));
  });
});

describe("the words for a refused recovery code", () => {
  it.each(RECOVERY_CODES)("say what is wrong and what to do: %o", (refusal, text, advice) => {
    const problem = refusals.refusalProblem(refusal, NOW);
    expect(wordsOf(problem)).toEqual([refusal.reason, text, advice, "recovery_code"]);
  });
});

describe("the words for what is no code of its field", () => {
  it.each([
    [
      refusals.NOT_A_CODE,
      "not-a-code",
      "A code is six digits.",
      "Type the one that your app shows now. This try did not count.",
    ],
    [
      refusals.NOT_A_RECOVERY_CODE,
      "not-a-recovery-code",
      "A recovery code is 17 letters and digits, in four groups.",
      "Type one from your recovery codes. This try did not count.",
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
      "That looks like a recovery code.",
      "Type it into the field for recovery codes and leave the other one empty. This try did not count.",
    ],
    [
      refusals.CODE_IN_RECOVERY_FIELD,
      "code-for-recovery-code",
      "That looks like a code from your app. This field takes a recovery code.",
      NOTHING_DONE,
    ],
    [
      refusals.CODE_IN_RECOVERY_FIELD_AT_CONFIRM,
      "code-for-recovery-code",
      "That looks like a code from your app.",
      "Type it into the field for that code. This try did not count.",
    ],
    [
      refusals.CODE_IN_PROOF_FIELD,
      "code-for-recovery-code",
      "That looks like a code from your app. This field takes a recovery code.",
      "It has 17 letters and digits, in four groups. This try did not count.",
    ],
  ])("name the right one: %o", (problem, reason, text, advice) => {
    expect(wordsOf(problem).slice(0, 3)).toEqual([reason, text, advice]);
  });
});
