/** The diagnosis of any code, by chance: it never throws, and what it says is true. */
import { describe, expect, it } from "vitest";
import { type Diagnosis, diagnose } from "../../../src/auth/authenticators/diagnosis.js";
import { hotpAt, type TotpParameters, timeStep } from "../../../src/otp/index.js";
import fc from "../../support/properties.js";
import { range } from "../../support/range.js";

const HOUR = 3_600;

describe("the diagnosis of random codes", () => {
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

  it("never throws, and tells the truth, whatever the code, secret, time and settings", () => {
    fc.assert(
      fc.property(secrets, texts, times, settings, (secret, code, time, expected) => {
        expectTruth({ secret, code, time, expected });
      }),
      { numRuns: 150 },
    );
  });

  it("tells the truth about a code of the same secret, from any step and setting", () => {
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

  it("never refuses a right code, and tells no more steps than a code is away", () => {
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
          // A nearer step may have the same code.
          expect(["earlier-step", "later-step"]).toContain(diagnosis.reason);
          if ("seconds" in diagnosis)
            expect(diagnosis.seconds).toBeLessThanOrEqual(Math.abs(away) * expected.period);
        }
      }),
      { numRuns: 250 },
    );
  });
});

interface Case {
  secret: Uint8Array;
  code: string;
  time: number;
  expected: TotpParameters;
}

/** Checks by HOTP alone that a diagnosis is true. */
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
