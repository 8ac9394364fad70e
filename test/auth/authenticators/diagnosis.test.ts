/** Why a code was refused: every reason exactly, what is never told, and that what is told is true. */

import { describe, expect, it } from "vitest";
import { type Diagnosis, diagnose, diagnoseAtSignIn } from "../../../src/auth/authenticators/diagnosis.js";
import { SEARCH } from "../../../src/auth/policy.js";
import {
  type Algorithm,
  AUTHENTICATOR_APP,
  hotpAt,
  matchingSteps,
  type TotpParameters,
  timeStep,
  toHex,
  totpAt,
} from "../../../src/otp/index.js";
import { oathtool, withoutOathtool } from "../../otp/oathtool.js";
import fc from "../../support/properties.js";

const PERIOD = 30;
const HOUR = 3_600;

/** Of RFC 6238 appendix B: what is expected of its codes here is the same on every run. */
const SECRET = new TextEncoder().encode("12345678901234567890");
/** The middle of a time step. */
const NOW = 1_700_000_025;
const STEP = timeStep(NOW);

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
});

describe.each<[string, TotpParameters]>([
  ["what every app does", AUTHENTICATOR_APP],
  ["SHA-256, 8 digits and 60 seconds", { algorithm: "SHA256", digits: 8, period: 60 }],
])("for whoever holds the secret, where %s is expected, a code", (_what, expected) => {
  const { period } = expected;
  const step = timeStep(NOW, period);
  const why = (code: string, time = NOW) => diagnose(SECRET, code, time, expected);
  const codeAt = (time: number, other: Partial<TotpParameters> = {}) =>
    totpAt(SECRET, time, { ...expected, ...other });

  it("of a step either side, and no other, is right", () => {
    const right = range(-22, 22).filter((away) => why(hotpAt(SECRET, step + away, expected)) === undefined);
    expect(right).toEqual([-1, 0, 1]);
  });

  it.each(TOLD)("of %i steps away tells the seconds and the direction", (away) => {
    for (const time of [step * period, NOW, (step + 1) * period - 0.001]) {
      const seconds = away * period;
      expect(why(codeAt(time - seconds), time)).toEqual({ reason: "earlier-step", seconds });
      expect(why(codeAt(time + seconds), time)).toEqual({ reason: "later-step", seconds });
    }
  });

  it.each([-21, 21, -55, 55])("of %i steps away is wrong", (away) => {
    expect(why(hotpAt(SECRET, step + away, expected))).toEqual({ reason: "wrong" });
  });

  const algorithms: Algorithm[] = ["SHA1", "SHA256", "SHA512"];
  it.each(algorithms.filter((algorithm) => algorithm !== expected.algorithm))(
    "made with %s says so",
    (algorithm) => {
      for (const away of [-1, 0, 1])
        expect(why(codeAt(NOW + away * period, { algorithm }))).toEqual({
          reason: "other-algorithm",
          algorithm,
        });
      expect(why(codeAt(NOW + 2 * period, { algorithm }))).toEqual({ reason: "wrong" });
    },
  );

  it.each(([6, 7, 8] as const).filter((digits) => digits !== expected.digits))(
    "of %i digits says so",
    (digits) => {
      for (const away of [-1, 0, 1])
        expect(why(codeAt(NOW + away * period, { digits }))).toEqual({ reason: "other-digits", digits });
      expect(why(codeAt(NOW + 2 * period, { digits }))).toEqual({ reason: "wrong" });
    },
  );

  it.each([30, 60].filter((other) => other !== period))("of time steps of %i s says so", (other) => {
    for (const away of [-1, 0, 1])
      expect(why(codeAt(NOW + away * other, { period: other }))).toEqual({
        reason: "other-period",
        period: other,
      });
    expect(why(codeAt(NOW + 2 * other, { period: other }))).toEqual({ reason: "wrong" });
  });

  it("with two settings wrong at once is wrong", () => {
    const two: Partial<TotpParameters>[] = [
      { algorithm: "SHA512", digits: 7 },
      { algorithm: "SHA512", period: period === 30 ? 60 : 30 },
      { digits: 7, period: period === 30 ? 60 : 30 },
    ];
    for (const other of two) expect(why(codeAt(NOW, other))).toEqual({ reason: "wrong" });
  });

  it("that an entry counts, 0 to 10, says so", () => {
    for (const counter of range(0, 10))
      expect(why(hotpAt(SECRET, counter, expected))).toEqual({ reason: "counter-based", counter });
    expect(why(hotpAt(SECRET, 11, expected))).toEqual({ reason: "wrong" });
  });

  it.each([1, 2, 5.5, 8, 14])("of a time zone %d h away tells the seconds and the direction", (hours) => {
    const seconds = hours * HOUR;
    // Also when it was typed a step late.
    for (const late of [0, period]) {
      expect(why(codeAt(NOW - seconds - late))).toEqual({ reason: "earlier-step", seconds });
      expect(why(codeAt(NOW + seconds - late))).toEqual({ reason: "later-step", seconds });
    }
    for (const farther of [-2 * period, period])
      expect(why(codeAt(NOW + seconds + farther))).toEqual({ reason: "wrong" });
  });

  it.each([15, 24, 0.75])("of a clock %d h away, which is no time zone, is wrong", (hours) => {
    for (const away of [-hours, hours]) expect(why(codeAt(NOW + away * HOUR))).toEqual({ reason: "wrong" });
  });

  it.each(["", "0", "12345", "abcdef", "００００００", "-12345", "1e3456", "123456789", "1234567 "])(
    "that reads %j is wrong",
    (text) => {
      expect(why(text)).toEqual({ reason: "wrong" });
    },
  );

  it("in the first minutes of 1970 is looked for no earlier", () => {
    expect(why(codeAt(0), 0)).toBeUndefined();
    expect(why(codeAt(20 * period), 0)).toEqual({ reason: "later-step", seconds: 20 * period });
    expect(why(codeAt(0), 20 * period)).toEqual({ reason: "earlier-step", seconds: 20 * period });
    for (const time of [0, 0.5, period, HOUR, HOUR + period]) {
      const none = expected.digits === 6 ? "000000" : "00000000";
      expect(why(none, time)).toEqual({ reason: "wrong" });
    }
  });

  it("is judged by the settings alone that it is asked about", () => {
    const other = expected === AUTHENTICATOR_APP ? { ...expected, digits: 8 as const } : AUTHENTICATOR_APP;
    expect(diagnose(SECRET, codeAt(NOW), NOW, expected)).toBeUndefined();
    expect(diagnose(SECRET, codeAt(NOW), NOW, other)).not.toBeUndefined();
  });
});

it("expects what every app does, unless told otherwise", () => {
  expect(diagnose(SECRET, totpAt(SECRET, NOW), NOW)).toBeUndefined();
  expect(diagnose(SECRET, totpAt(SECRET, NOW, { ...AUTHENTICATOR_APP, digits: 8 }), NOW)).toEqual({
    reason: "other-digits",
    digits: 8,
  });
});

it("takes the nearest step where a code is right for two", () => {
  const [first, second] = [56_721_294, 56_721_310];
  const code = hotpAt(SECRET, first);
  expect(hotpAt(SECRET, second)).toBe(code);
  const why = (step: number) => diagnose(SECRET, code, step * PERIOD);
  expect(why(first + 4)).toEqual({ reason: "earlier-step", seconds: 120 });
  expect(why(second - 4)).toEqual({ reason: "later-step", seconds: 120 });
});

describe.skipIf(withoutOathtool)("a code made by oathtool", () => {
  const hex = toHex(SECRET);
  it.each<[string, string[], Diagnosis | undefined]>([
    ["as expected", ["--totp=sha1", `--now=@${NOW}`], undefined],
    ["2½ minutes ago", ["--totp=sha1", `--now=@${NOW - 150}`], { reason: "earlier-step", seconds: 150 }],
    ["in India", ["--totp=sha1", `--now=@${NOW + 19_800}`], { reason: "later-step", seconds: 19_800 }],
    ["with SHA-256", ["--totp=sha256", `--now=@${NOW}`], { reason: "other-algorithm", algorithm: "SHA256" }],
    ["with SHA-512", ["--totp=sha512", `--now=@${NOW}`], { reason: "other-algorithm", algorithm: "SHA512" }],
    ["with 8 digits", ["--totp=sha1", "--digits=8", `--now=@${NOW}`], { reason: "other-digits", digits: 8 }],
    [
      "every minute",
      ["--totp=sha1", "--time-step-size=60s", `--now=@${NOW}`],
      { reason: "other-period", period: 60 },
    ],
    ["by counting", ["--hotp", "--counter=3"], { reason: "counter-based", counter: 3 }],
  ])("%s is understood", (_how, options, diagnosis) => {
    expect(diagnose(SECRET, oathtool(options, hex), NOW)).toEqual(diagnosis);
  });
});

describe("by chance", () => {
  const secrets = fc.uint8Array({ minLength: 1, maxLength: 64 });
  const times = fc.oneof(
    fc.nat(1_300),
    fc.nat({ max: 2 ** 31 }),
    fc.double({ min: 0, max: 4e10, noNaN: true }),
    fc.nat({ max: 1_333_333_333 }).map((step) => step * 30),
  );
  const settings: fc.Arbitrary<TotpParameters> = fc.record({
    algorithm: fc.constantFrom("SHA1", "SHA256", "SHA512"),
    digits: fc.constantFrom(6, 7, 8),
    period: fc.oneof(fc.constantFrom(30, 60), fc.integer({ min: 1, max: 3_600 })),
  });
  const texts = fc.oneof(
    fc.string({ unit: "binary", maxLength: 9 }),
    fc.string({ maxLength: 2_000 }),
    fc.stringMatching(/^[0-9]{5,9}$/),
  );

  it("no code, secret, time or setting makes it throw, and what it answers is true", () => {
    fc.assert(
      fc.property(secrets, texts, times, settings, (secret, code, time, expected) => {
        expectTruth({ secret, code, time, expected });
      }),
      { numRuns: 150 },
    );
  });

  it("a code of the same secret from any step and setting is answered with what is true", () => {
    fc.assert(
      fc.property(secrets, times, settings, settings, fc.integer({ min: -25, max: 25 }), (...given) => {
        const [secret, time, expected, other, away] = given;
        const mixes: Partial<TotpParameters>[] = [
          {},
          { algorithm: other.algorithm },
          { digits: other.digits },
          { period: other.period },
          other,
        ];
        for (const mix of mixes) {
          const made = { ...expected, ...mix };
          const code = hotpAt(secret, Math.max(0, timeStep(time, made.period) + away), made);
          expectTruth({ secret, code, time, expected });
        }
      }),
      { numRuns: 60 },
    );
  });

  it("a right code is never refused, and one at some steps is told no farther than it is", () => {
    fc.assert(
      fc.property(secrets, times, settings, fc.integer({ min: -20, max: 20 }), (...given) => {
        const [secret, time, expected, away] = given;
        const step = timeStep(time, expected.period) + away;
        fc.pre(step >= 0);
        const code = hotpAt(secret, step, expected);
        const diagnosis = expectTruth({ secret, code, time, expected });
        if (Math.abs(away) <= 1) {
          expect(diagnosis).toBeUndefined();
        } else if (diagnosis) {
          // It may coincide with one that is nearer.
          expect(["earlier-step", "later-step"]).toContain(diagnosis.reason);
          if ("seconds" in diagnosis)
            expect(diagnosis.seconds).toBeLessThanOrEqual(Math.abs(away) * expected.period);
        }
      }),
      { numRuns: 250 },
    );
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

interface Case {
  secret: Uint8Array;
  code: string;
  time: number;
  expected: TotpParameters;
}

/** Computes anew, by HOTP alone, that an answer is true. */
function expectTruth({ secret, code, time, expected }: Case): Diagnosis | undefined {
  const diagnosis = diagnose(secret, code, time, expected);
  const isAt = (step: number, made = expected) => step >= 0 && hotpAt(secret, step, made) === code;
  const isWithin = (window: number, made = expected) => {
    const present = timeStep(time, made.period);
    return range(present - window, present + window).some((step) => isAt(step, made));
  };
  const isOff = (seconds: number) => {
    const isWhole = seconds % expected.period === 0;
    if (isWhole && isAt(timeStep(time, expected.period) + seconds / expected.period)) return true;
    const isZone = Math.abs(seconds) === 5.5 * HOUR || seconds % HOUR === 0;
    const thatTime = time + seconds;
    return (
      isZone && [0, 1].some((late) => isAt(timeStep(thatTime - late * expected.period, expected.period)))
    );
  };
  const isRight = isWithin(1);
  const verdict = (() => {
    switch (diagnosis?.reason) {
      case undefined:
        return isRight;
      case "earlier-step":
        return !isRight && diagnosis.seconds > 0 && isOff(-diagnosis.seconds);
      case "later-step":
        return !isRight && diagnosis.seconds > 0 && isOff(diagnosis.seconds);
      case "other-algorithm":
        return !isRight && isWithin(1, { ...expected, algorithm: diagnosis.algorithm });
      case "other-digits":
        return isWithin(1, { ...expected, digits: diagnosis.digits as TotpParameters["digits"] });
      case "other-period":
        return !isRight && isWithin(1, { ...expected, period: diagnosis.period });
      case "counter-based":
        return !isRight && diagnosis.counter <= 10 && isAt(diagnosis.counter);
      case "wrong":
        return !isWithin(20) && !range(0, 10).some((counter) => isAt(counter));
      default:
        return false;
    }
  })();
  expect(verdict, `${JSON.stringify(diagnosis)} of ${code} at ${time}`).toBe(true);
  return diagnosis;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
