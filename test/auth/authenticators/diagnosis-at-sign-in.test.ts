/** Why a code was refused at sign-in: every reason exactly, and nothing about a code that is yet to come. */
import { describe, expect, it } from "vitest";
import { type Diagnosis, diagnoseAtSignIn } from "../../../src/auth/authenticators/diagnosis.js";
import { SEARCH } from "../../../src/auth/policy.js";
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

describe("a code refused at sign-in", () => {
  const standing: Parameters<typeof diagnoseAtSignIn>[1] = {
    now: NOW * 1_000,
    present: STEP,
    lastStep: STEP - 100,
  };
  /** Of a code that is right for these steps. */
  const why = (steps: number[], other: Partial<typeof standing> = {}) =>
    diagnoseAtSignIn(steps, { ...standing, ...other });
  /** Of the code for a step, looked for as at sign-in. */
  const whyCode = (step: number, other: Partial<typeof standing> = {}) => {
    const { present } = { ...standing, ...other };
    return why(matchingSteps(SECRET, hotpAt(SECRET, step), present * PERIOD, SEARCH), other);
  };
  const WRONG: Diagnosis = { reason: "wrong" };

  it.each(TOLD)("that was right %i steps ago is told the seconds", (ago) => {
    expect(whyCode(STEP - ago)).toEqual({ reason: "earlier-step", seconds: ago * PERIOD });
  });

  it.each(TOLD)("that is right in %i steps is told nothing", (ahead) => {
    expect(whyCode(STEP + ahead)).toEqual(WRONG);
  });

  it("beyond 20 steps, or never right, is told nothing", () => {
    for (const away of [-21, 21, -120, 120]) expect(whyCode(STEP + away)).toEqual(WRONG);
    expect(why([])).toEqual(WRONG);
  });

  it("is told the same seconds at the beginning of a step and at its end", () => {
    for (const now of [STEP * PERIOD * 1_000, (STEP + 1) * PERIOD * 1_000 - 1])
      expect(whyCode(STEP - 2, { now })).toEqual({ reason: "earlier-step", seconds: 60 });
  });

  it("of a step that is still accepted is told nothing", () => {
    for (const away of [-1, 0, 1]) expect(whyCode(STEP + away)).toEqual(WRONG);
  });

  it("is told of an earlier step also where a later one has the same code", () => {
    expect(why([STEP - 7, STEP + 3])).toEqual({ reason: "earlier-step", seconds: 210 });
  });

  it.each([
    ["the last one accepted", 0],
    ["one before the last one accepted", 3],
  ])("of a step that is %s is told that it was used", (_what, before) => {
    for (const ago of [-1, 0, 1, 5, 20])
      expect(whyCode(STEP - ago, { lastStep: STEP - ago + before }).reason).toBe("used");
  });

  it("of a step after the last one accepted is told of its time", () => {
    expect(whyCode(STEP - 5, { lastStep: STEP - 6 })).toEqual({ reason: "earlier-step", seconds: 150 });
  });

  it("is told that it was used rather than of another time", () => {
    expect(why([STEP - 9, STEP - 2], { lastStep: STEP - 9 }).reason).toBe("used");
  });

  it.each([
    ["in the middle of a step", NOW * 1_000, STEP, 15_000],
    ["at its beginning", STEP * PERIOD * 1_000, STEP, 30_000],
    ["at its last millisecond", (STEP + 1) * PERIOD * 1_000 - 1, STEP, 1],
    ["when a step early was accepted", NOW * 1_000, STEP + 1, 15_000],
    ["when a step late was accepted", NOW * 1_000, STEP - 1, 15_000],
  ])("that was used is told when the next one comes, %s", (_when, now, lastStep, wait) => {
    expect(why([lastStep], { now, lastStep })).toEqual({ reason: "used", nextAt: new Date(now + wait) });
  });

  describe("where the phone's clock is known to be off", () => {
    it.each([
      ["behind, and it is earlier still", -10, -12, { reason: "earlier-step", seconds: 360 }],
      ["behind, as far back as is looked", -10, -30, { reason: "earlier-step", seconds: 900 }],
      ["behind, and it is one farther", -10, -31, WRONG],
      ["behind, and it is of its own present", -10, -11, WRONG],
      ["behind, and it is of our own present", -10, 0, WRONG],
      ["ahead, and it is gone by for us too", 5, -1, { reason: "earlier-step", seconds: 30 }],
      ["ahead, and it is of our own present", 5, 0, WRONG],
      ["ahead, and it is yet to come for us", 5, 3, WRONG],
    ] as const)("%s", (_what, drift, away, diagnosis) => {
      expect(whyCode(STEP + away, { present: STEP + drift })).toEqual(diagnosis);
    });

    it("says when an app that shows older codes will show an unspent one, up to a minute ahead", () => {
      const nextAt = new Date((NOW + 15 + PERIOD) * 1_000);
      expect(whyCode(STEP - 1, { lastStep: STEP })).toEqual({ reason: "used", nextAt });
      expect(whyCode(STEP - 2, { lastStep: STEP })).toEqual({ reason: "used", nextAt: undefined });
      // Its clock was ten steps ahead, and has been set right.
      const standing = { present: STEP + 10, lastStep: STEP + 11 };
      expect(whyCode(STEP, standing)).toEqual({ reason: "used", nextAt: undefined });
    });

    it("treats steps that were spent while our clock ran ahead as used", () => {
      const standing = { lastStep: STEP + 1, spentAhead: { from: STEP + 3, to: STEP + 5 } };
      expect(whyCode(STEP + 3, standing)).toEqual({ reason: "used", nextAt: undefined });
      expect(whyCode(STEP + 5, standing)).toEqual({
        reason: "used",
        nextAt: new Date((NOW + 15) * 1_000),
      });
      expect(whyCode(STEP + 1, { ...standing, spentAhead: { from: STEP + 2, to: STEP + 2 } })).toEqual({
        reason: "used",
        nextAt: new Date((NOW + 15 + PERIOD) * 1_000),
      });
      for (const step of [STEP + 2, STEP + 6]) expect(whyCode(step, standing)).toEqual(WRONG);
    });

    it.each([-20, -3, 3, 20])("by %i steps, tells when the next one comes by our clock", (drift) => {
      const present = STEP + drift;
      for (const lastStep of [present - 1, present, present + 1])
        expect(why([lastStep], { present, lastStep })).toEqual({
          reason: "used",
          nextAt: new Date((NOW + 15) * 1_000),
        });
    });
  });

  it("at sign-in nothing is told of a code to come, and all that is told is true", () => {
    const steps = fc.uniqueArray(fc.integer({ min: STEP - 45, max: STEP + 45 }), { maxLength: 4 });
    const near = fc.integer({ min: STEP - 25, max: STEP + 25 });
    const moments = fc.integer({ min: STEP * 30_000, max: (STEP + 1) * 30_000 - 1 });
    fc.assert(
      fc.property(steps, near, near, moments, (found, present, lastStep, now) => {
        const matches = found.toSorted((a, b) => a - b);
        const diagnosis = diagnoseAtSignIn(matches, { now, present, lastStep });
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
