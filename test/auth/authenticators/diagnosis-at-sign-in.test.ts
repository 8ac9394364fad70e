/** Why a code was refused at sign-in: every reason exactly, and nothing about a code that is yet to come. */
import { describe, expect, it } from "vitest";
import { type Diagnosis, diagnoseAtSignIn } from "../../../src/auth/authenticators/diagnosis.js";
import { SEARCH_STEPS } from "../../../src/auth/policy.js";
import { hotpAt, matchingSteps, timeStep } from "../../../src/otp/index.js";
import fc from "../../support/properties.js";
import { range } from "../../support/range.js";

const PERIOD = 30;

/** Of RFC 6238 appendix B: what is expected of its codes here is the same on every run. */
const SECRET = new TextEncoder().encode("12345678901234567890");
/** The middle of a time step. */
const NOW = 1_700_000_025;
const STEP = timeStep(NOW);

/** How many time steps away a refused code is looked for, and told of. */
const TOLD = range(2, 20);

describe("the diagnosis at sign-in", () => {
  const standing: Parameters<typeof diagnoseAtSignIn>[1] = {
    now: NOW * 1_000,
    currentStep: STEP,
    lastStep: STEP - 100,
  };
  /** Of a code that is right for these steps. */
  const why = (steps: number[], other: Partial<typeof standing> = {}) =>
    diagnoseAtSignIn(steps, { ...standing, ...other });
  /** Of the code for a step, looked for as at sign-in. */
  const whyCode = (step: number, other: Partial<typeof standing> = {}) => {
    const { currentStep } = { ...standing, ...other };
    return why(matchingSteps(SECRET, hotpAt(SECRET, step), currentStep * PERIOD, SEARCH_STEPS), other);
  };
  const WRONG: Diagnosis = { reason: "wrong" };

  it.each(TOLD)("tells the seconds when the code was right %i steps ago", (ago) => {
    expect(whyCode(STEP - ago)).toEqual({ reason: "earlier-step", seconds: ago * PERIOD });
  });

  it.each(TOLD)("tells nothing when the code will be right in %i steps", (ahead) => {
    expect(whyCode(STEP + ahead)).toEqual(WRONG);
  });

  it("tells nothing when the code is more than 20 steps away, or never right", () => {
    for (const away of [-21, 21, -120, 120]) expect(whyCode(STEP + away)).toEqual(WRONG);
    expect(why([])).toEqual(WRONG);
  });

  it("tells the same seconds at the beginning of a step and at its end", () => {
    for (const now of [STEP * PERIOD * 1_000, (STEP + 1) * PERIOD * 1_000 - 1])
      expect(whyCode(STEP - 2, { now })).toEqual({ reason: "earlier-step", seconds: 60 });
  });

  it("tells nothing when the code's step is still accepted", () => {
    for (const away of [-1, 0, 1]) expect(whyCode(STEP + away)).toEqual(WRONG);
  });

  it("tells of an earlier step when a later one has the same code", () => {
    expect(why([STEP - 7, STEP + 3])).toEqual({ reason: "earlier-step", seconds: 210 });
  });

  it.each([
    ["the last one accepted", 0],
    ["one before the last one accepted", 3],
  ])("says that the code was used when its step is %s", (_what, before) => {
    for (const ago of [-1, 0, 1, 5, 20])
      expect(whyCode(STEP - ago, { lastStep: STEP - ago + before }).reason).toBe("used");
  });

  it("tells the seconds when the code's step is after the last one accepted", () => {
    expect(whyCode(STEP - 5, { lastStep: STEP - 6 })).toEqual({ reason: "earlier-step", seconds: 150 });
  });

  it("says that the code was used, rather than its time, when both are true", () => {
    expect(why([STEP - 9, STEP - 2], { lastStep: STEP - 9 }).reason).toBe("used");
  });

  it.each([
    ["in the middle of a step", NOW * 1_000, STEP, 15_000],
    ["at its beginning", STEP * PERIOD * 1_000, STEP, 30_000],
    ["at its last millisecond", (STEP + 1) * PERIOD * 1_000 - 1, STEP, 1],
    ["when a step early was accepted", NOW * 1_000, STEP + 1, 15_000],
    ["when a step late was accepted", NOW * 1_000, STEP - 1, 15_000],
  ])("says when the next code comes, %s", (_when, now, lastStep, wait) => {
    expect(why([lastStep], { now, lastStep })).toEqual({ reason: "used", nextAt: new Date(now + wait) });
  });

  describe("a phone whose clock is known to be off", () => {
    it.each([
      [
        "tells the seconds when the phone is behind and the code is earlier still",
        -10,
        -12,
        { reason: "earlier-step", seconds: 360 },
      ],
      [
        "tells the seconds when the phone is behind and the code is at the end of the search",
        -10,
        -30,
        { reason: "earlier-step", seconds: 900 },
      ],
      ["tells nothing when the phone is behind and the code is one step past the search", -10, -31, WRONG],
      ["tells nothing when the phone is behind and the code is of the phone's present", -10, -11, WRONG],
      ["tells nothing when the phone is behind and the code is of our present", -10, 0, WRONG],
      [
        "tells the seconds when the phone is ahead and the code is in our past too",
        5,
        -1,
        { reason: "earlier-step", seconds: 30 },
      ],
      ["tells nothing when the phone is ahead and the code is of our present", 5, 0, WRONG],
      ["tells nothing when the phone is ahead and the code is yet to come for us", 5, 3, WRONG],
    ] as const)("%s", (_what, drift, away, diagnosis) => {
      expect(whyCode(STEP + away, { currentStep: STEP + drift })).toEqual(diagnosis);
    });

    it("says when an app that is behind will show an unspent code, up to a minute ahead", () => {
      const nextAt = new Date((NOW + 15 + PERIOD) * 1_000);
      expect(whyCode(STEP - 1, { lastStep: STEP })).toEqual({ reason: "used", nextAt });
      expect(whyCode(STEP - 2, { lastStep: STEP })).toEqual({ reason: "used", nextAt: undefined });
      // Its clock was ten steps ahead, and has been set right.
      const standing = { present: STEP + 10, lastStep: STEP + 11 };
      expect(whyCode(STEP, standing)).toEqual({ reason: "used", nextAt: undefined });
    });

    it("treats steps that were spent while our clock ran ahead as used", () => {
      const standing = { lastStep: STEP + 1, spentFuture: { from: STEP + 3, to: STEP + 5 } };
      expect(whyCode(STEP + 3, standing)).toEqual({ reason: "used", nextAt: undefined });
      expect(whyCode(STEP + 5, standing)).toEqual({
        reason: "used",
        nextAt: new Date((NOW + 15) * 1_000),
      });
      expect(whyCode(STEP + 1, { ...standing, spentFuture: { from: STEP + 2, to: STEP + 2 } })).toEqual({
        reason: "used",
        nextAt: new Date((NOW + 15 + PERIOD) * 1_000),
      });
      for (const step of [STEP + 2, STEP + 6]) expect(whyCode(step, standing)).toEqual(WRONG);
    });

    it.each([-20, -3, 3, 20])(
      "says by our clock when the next code comes, when the phone is %i steps off",
      (drift) => {
        const currentStep = STEP + drift;
        for (const lastStep of [currentStep - 1, currentStep, currentStep + 1])
          expect(why([lastStep], { currentStep, lastStep })).toEqual({
            reason: "used",
            nextAt: new Date((NOW + 15) * 1_000),
          });
      },
    );
  });

  it("tells nothing about codes to come, and only what is true, whatever the steps", () => {
    const steps = fc.uniqueArray(fc.integer({ min: STEP - 45, max: STEP + 45 }), { maxLength: 4 });
    const near = fc.integer({ min: STEP - 25, max: STEP + 25 });
    const moments = fc.integer({ min: STEP * 30_000, max: (STEP + 1) * 30_000 - 1 });
    fc.assert(
      fc.property(steps, near, near, moments, (found, currentStep, lastStep, now) => {
        const matches = found.toSorted((a, b) => a - b);
        const diagnosis = diagnoseAtSignIn(matches, { now, currentStep, lastStep });
        switch (diagnosis.reason) {
          case "used":
            expect(matches.some((step) => step <= lastStep)).toBe(true);
            if (diagnosis.nextAt) {
              expect(diagnosis.nextAt.getTime()).toBeGreaterThan(now);
              expect(diagnosis.nextAt.getTime()).toBeLessThanOrEqual(now + 60_000);
            }
            break;
          case "earlier-step":
            expect(matches.every((step) => step > lastStep)).toBe(true);
            expect(matches).toContain(STEP - diagnosis.seconds / PERIOD);
            expect(diagnosis.seconds).toBeGreaterThan(0);
            break;
          default:
            expect(diagnosis).toEqual({ reason: "wrong" });
        }
        const toCome = matches.filter((step) => step > STEP && step > lastStep);
        const rest = matches.filter((step) => !toCome.includes(step));
        if (rest.length === 0) expect(diagnosis).toEqual({ reason: "wrong" });
      }),
      { numRuns: 2_000 },
    );
  });
});
