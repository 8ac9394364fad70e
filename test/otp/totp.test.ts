/** TOTP: the test vectors of RFC 6238, the window of time steps, and agreement with oathtool. */
import { describe, expect, it } from "vitest";
import {
  type Algorithm,
  hotpAt,
  matchingStep,
  matchingSteps,
  type TotpParameters,
  timeStep,
  toHex,
  totpAt,
} from "../../src/otp/index.js";
import fc from "../support/properties.js";
import { range } from "../support/range.js";
import { NO_OATHTOOL, oathtool } from "./oathtool.js";

/** RFC 6238 appendix B. Its prose names one seed; its own program uses one as long as each hash: 20, 32, 64 bytes. */
const seed = (length: number) => new TextEncoder().encode("1234567890".repeat(7).slice(0, length));
const RFC_SEEDS: Record<Algorithm, Uint8Array> = { SHA1: seed(20), SHA256: seed(32), SHA512: seed(64) };
const RFC_CODES: [time: number, algorithm: Algorithm, code: string][] = [
  [59, "SHA1", "94287082"],
  [59, "SHA256", "46119246"],
  [59, "SHA512", "90693936"],
  [1111111109, "SHA1", "07081804"],
  [1111111109, "SHA256", "68084774"],
  [1111111109, "SHA512", "25091201"],
  [1111111111, "SHA1", "14050471"],
  [1111111111, "SHA256", "67062674"],
  [1111111111, "SHA512", "99943326"],
  [1234567890, "SHA1", "89005924"],
  [1234567890, "SHA256", "91819424"],
  [1234567890, "SHA512", "93441116"],
  [2000000000, "SHA1", "69279037"],
  [2000000000, "SHA256", "90698825"],
  [2000000000, "SHA512", "38618901"],
  [20000000000, "SHA1", "65353130"],
  [20000000000, "SHA256", "77737706"],
  [20000000000, "SHA512", "47863826"],
];

const secret = RFC_SEEDS.SHA1;
const NOON = 1_700_000_010; // a time step begins here

const secrets = fc.uint8Array({ minLength: 1, maxLength: 100 });
const times = fc.oneof(fc.nat(200), fc.nat({ max: 2 ** 31 }), fc.double({ min: 0, max: 1e11, noNaN: true }));
const texts = fc.oneof(fc.string({ unit: "binary", maxLength: 9 }), fc.stringMatching(/^[0-9 +.-]{0,9}$/));
const parameters: fc.Arbitrary<TotpParameters> = fc.record({
  algorithm: fc.constantFrom("SHA1", "SHA256", "SHA512"),
  digits: fc.constantFrom(6, 7, 8),
  period: fc.integer({ min: 1, max: 3600 }),
});

describe("TOTP", () => {
  it.each(RFC_CODES)("gives at %i s with %s the %s of RFC 6238 appendix B", (time, algorithm, code) => {
    const settings: TotpParameters = { algorithm, digits: 8, period: 30 };
    expect(totpAt(RFC_SEEDS[algorithm], time, settings)).toBe(code);
    expect(matchingStep(RFC_SEEDS[algorithm], code, time, 0, settings)).toBe(Math.floor(time / 30));
  });

  it("is HOTP at the number of the time step", () => {
    fc.assert(
      fc.property(secrets, times, parameters, (secret, time, settings) => {
        const step = timeStep(time, settings.period);
        expect(totpAt(secret, time, settings)).toBe(hotpAt(secret, step, settings));
      }),
    );
  });

  it("counts time steps from 1970, the first being 0", () => {
    expect([0, 29.999, 30, 59, 60].map((time) => timeStep(time))).toEqual([0, 0, 1, 1, 2]);
    expect(timeStep(59, 60)).toBe(0);
  });

  it("keeps one code for the whole of a step and no longer", () => {
    const code = totpAt(secret, NOON);
    expect(totpAt(secret, NOON + 29.999)).toBe(code);
    expect(totpAt(secret, NOON + 30)).not.toBe(code);
    expect(totpAt(secret, NOON - 0.001)).not.toBe(code);
  });
});

describe("matchingStep", () => {
  it("names the step of a code up to the window away, on both sides, and none beyond", () => {
    fc.assert(
      fc.property(secrets, times, parameters, fc.nat(4), fc.integer({ min: -6, max: 6 }), (...given) => {
        const [secret, time, settings, window, drift] = given;
        const now = timeStep(time, settings.period);
        const step = now + drift;
        fc.pre(step >= 0);
        const code = hotpAt(secret, step, settings);
        // Codes of different steps may coincide; the earliest one in the window is the answer.
        const earliest = range(Math.max(0, now - window), now + window).find(
          (candidate) => hotpAt(secret, candidate, settings) === code,
        );
        expect(matchingStep(secret, code, time, window, settings)).toBe(earliest);
        if (Math.abs(drift) <= window) expect(earliest).toBeLessThanOrEqual(step);
      }),
    );
  });

  it("looks one step either side unless told otherwise", () => {
    const now = timeStep(NOON);
    expect(range(-2, 2).map((drift) => matchingStep(secret, hotpAt(secret, now + drift), NOON))).toEqual([
      undefined,
      now - 1,
      now,
      now + 1,
      undefined,
    ]);
  });

  it("does not stretch the window near the end of a step", () => {
    const code = hotpAt(secret, timeStep(NOON) + 2);
    expect(matchingStep(secret, code, NOON + 29.999)).toBeUndefined();
  });

  it.each([0, 1, 29, 30, 45])("looks back from %i s after 1970 no further than there", (time) => {
    expect(matchingStep(secret, totpAt(secret, time), time, 5)).toBe(timeStep(time));
    expect(matchingStep(secret, "000000", time, 5)).toBeUndefined();
  });

  it("gives undefined, and never throws, for any text that is no code", () => {
    fc.assert(
      fc.property(texts, times, fc.nat(5), (text, time, window) => {
        fc.pre(!/^[0-9]{6}$/.test(text));
        expect(matchingStep(secret, text, time, window)).toBeUndefined();
      }),
    );
  });

  it("does not take a code of another length, with a space, a line end or wide digits", () => {
    const code = totpAt(secret, NOON);
    const wide = [...code].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join("");
    for (const text of ["", `0${code}`, code.slice(1), ` ${code}`, `${code}\n`, wide]) {
      expect(matchingStep(secret, text, NOON)).toBeUndefined();
    }
    expect(matchingStep(secret, code, NOON)).toBe(timeStep(NOON));
  });

  it("searches as far as 10,000 steps for a clock that is days off", () => {
    const step = timeStep(NOON) - 10_000;
    expect(matchingStep(secret, hotpAt(secret, step), NOON, 10_000)).toBe(step);
  });

  it.each([-1, 10_001, Number.NaN])("throws for the window %d", (window) => {
    expect(() => matchingStep(secret, "123456", NOON, window)).toThrow();
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("throws for the time %d", (time) => {
    expect(() => totpAt(secret, time)).toThrow();
    expect(() => matchingStep(secret, "123456", time)).toThrow();
  });

  it.skipIf(NO_OATHTOOL)(`agrees with oathtool for all three algorithms${NO_OATHTOOL}`, () => {
    fc.assert(
      fc.property(secrets, fc.nat({ max: 2 ** 31 }), parameters, (secret, time, settings) => {
        const { algorithm, digits, period } = settings;
        const options = [`--totp=${algorithm}`, `--digits=${digits}`, `--time-step-size=${period}s`];
        const theirs = oathtool([...options, `--now=@${time}`], toHex(secret));
        expect(totpAt(secret, time, settings)).toBe(theirs);
      }),
      { numRuns: 60 },
    );
  });
});

describe("matchingSteps", () => {
  it("names every step in the window with this code, in order, and none beyond", () => {
    // Short windows rarely hold a code twice; 2,000 steps of six digits often do.
    const now = timeStep(NOON);
    const stepsOf = new Map<string, number[]>();
    for (const step of range(now - 1_000, now + 1_000)) {
      const code = hotpAt(secret, step);
      stepsOf.set(code, [...(stepsOf.get(code) ?? []), step]);
    }
    const repeated = [...stepsOf].filter(([, steps]) => steps.length > 1);
    expect(repeated.length).toBeGreaterThan(0);
    for (const [code, steps] of repeated) {
      expect(matchingSteps(secret, code, NOON, 1_000)).toEqual(steps);
      const [first = now] = steps;
      expect(matchingSteps(secret, code, NOON, Math.abs(first - now))).toContain(first);
      expect(matchingSteps(secret, code, NOON, Math.abs(first - now) - 1)).not.toContain(first);
    }
  });

  it.each([0, 1, 20])("reaches both ends of a window of %i, and neither of the steps outside", (window) => {
    const now = timeStep(NOON);
    for (const time of [NOON, NOON + 29.999]) {
      for (const step of [now - window, now + window])
        expect(matchingSteps(secret, hotpAt(secret, step), time, window)).toEqual([step]);
      for (const step of [now - window - 1, now + window + 1])
        expect(matchingSteps(secret, hotpAt(secret, step), time, window)).toEqual([]);
    }
  });

  it.each([0, 29, 30, 45, 599])("looks back from %i s after 1970 no further than there", (time) => {
    const now = timeStep(time);
    for (const step of range(0, now + 20))
      expect(matchingSteps(secret, hotpAt(secret, step), time, 20)).toEqual([step]);
    expect(matchingSteps(secret, hotpAt(secret, now + 21), time, 20)).toEqual([]);
  });

  it("begins with the step that matchingStep names", () => {
    fc.assert(
      fc.property(secrets, times, parameters, fc.nat(20), fc.integer({ min: -22, max: 22 }), (...given) => {
        const [secret, time, settings, window, drift] = given;
        const now = timeStep(time, settings.period);
        const code = hotpAt(secret, Math.max(0, now + drift), settings);
        const steps = matchingSteps(secret, code, time, window, settings);
        expect(steps[0]).toBe(matchingStep(secret, code, time, window, settings));
        const all = range(Math.max(0, now - window), now + window);
        expect(steps).toEqual(all.filter((step) => hotpAt(secret, step, settings) === code));
      }),
      { numRuns: 50 },
    );
  });

  it("gives none, and never throws, for any text that is no code", () => {
    fc.assert(
      fc.property(texts, times, fc.nat(20), (text, time, window) => {
        fc.pre(!/^[0-9]{6}$/.test(text));
        expect(matchingSteps(secret, text, time, window)).toEqual([]);
      }),
    );
  });

  it.each([-1, 10_001, Number.NaN])("throws for the window %d, as matchingStep does", (window) => {
    expect(() => matchingSteps(secret, "123456", NOON, window)).toThrow();
  });
});
