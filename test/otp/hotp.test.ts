/** HOTP: the test vectors of RFC 4226, a window of counters, and agreement with oathtool. */
import { describe, expect, it } from "vitest";
import {
  fromBase32,
  type HotpParameters,
  hotpAt,
  isHotp,
  matchingCounter,
  toHex,
} from "../../src/otp/index.js";
import fc from "../support/properties.js";
import { NO_OATHTOOL, oathtool } from "./oathtool.js";

/** RFC 4226 appendix D: this secret, counters 0 to 9. */
const RFC_SECRET = new TextEncoder().encode("12345678901234567890");
const RFC_CODES = [
  "755224",
  "287082",
  "359152",
  "969429",
  "338314",
  "254676",
  "287922",
  "162583",
  "399871",
  "520489",
];

const secrets = fc.uint8Array({ minLength: 1, maxLength: 100 });
const counters = fc.maxSafeNat();
const texts = fc.oneof(fc.string({ unit: "binary", maxLength: 9 }), fc.stringMatching(/^[0-9 +.-]{0,9}$/));
const parameters: fc.Arbitrary<HotpParameters> = fc.record({
  algorithm: fc.constantFrom("SHA1", "SHA256", "SHA512"),
  digits: fc.constantFrom(6, 7, 8),
});

describe("HOTP", () => {
  it.each(RFC_CODES.map((code, counter) => [counter, code] as const))(
    "gives at counter %i the %s of RFC 4226 appendix D",
    (counter, code) => {
      expect(hotpAt(RFC_SECRET, counter)).toBe(code);
      expect(isHotp(RFC_SECRET, code, counter)).toBe(true);
    },
  );

  it.each([
    [0, "260182"],
    [1, "055283"],
    [1401, "316439"],
  ])("gives at counter %i of the short secret base32secret3232 the code %s", (counter, code) => {
    expect(hotpAt(fromBase32("base32secret3232"), counter)).toBe(code);
  });

  it("accepts a code at its own counter and neither before nor after", () => {
    const secret = fromBase32("base32secret3232");
    expect(isHotp(secret, "316439", 1400)).toBe(false);
    expect(isHotp(secret, "316439", 1401)).toBe(true);
    expect(isHotp(secret, "316439", 1402)).toBe(false);
  });

  it("accepts whatever it gives, for every secret, counter and setting", () => {
    fc.assert(
      fc.property(secrets, counters, parameters, (secret, counter, settings) => {
        const code = hotpAt(secret, counter, settings);
        expect(code).toMatch(new RegExp(`^[0-9]{${settings.digits}}$`));
        expect(isHotp(secret, code, counter, settings)).toBe(true);
      }),
    );
  });

  it("refuses any text that is no code, and never throws", () => {
    fc.assert(
      fc.property(texts, counters, (text, counter) => {
        fc.pre(!/^[0-9]{6}$/.test(text));
        expect(isHotp(RFC_SECRET, text, counter)).toBe(false);
      }),
    );
  });

  it.each(["", "75522", "0755224", " 755224", "755224\n", "755 224", "７５５２２４", "+55224", "7.5e10"])(
    "does not take %j for the code 755224",
    (text) => {
      expect(isHotp(RFC_SECRET, text, 0)).toBe(false);
    },
  );

  it("finds a code ahead of the counter within its window, and none behind", () => {
    expect(matchingCounter(RFC_SECRET, "254676", 2, 3)).toBe(5);
    expect(matchingCounter(RFC_SECRET, "254676", 2, 2)).toBeUndefined();
    expect(matchingCounter(RFC_SECRET, "254676", 6, 3)).toBeUndefined();
  });

  it("looks ahead without error at the last counter there is", () => {
    const last = Number.MAX_SAFE_INTEGER;
    const code = hotpAt(RFC_SECRET, last);
    expect(matchingCounter(RFC_SECRET, code, last, 5)).toBe(last);
    expect(matchingCounter(RFC_SECRET, code === "000000" ? "000001" : "000000", last, 5)).toBeUndefined();
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 53])("throws at the counter %d, which does not exist", (counter) => {
    expect(() => hotpAt(RFC_SECRET, counter)).toThrow();
    expect(() => isHotp(RFC_SECRET, "755224", counter)).toThrow();
  });

  it("throws for an empty secret", () => {
    expect(() => hotpAt(new Uint8Array(), 0)).toThrow();
  });

  it.skipIf(NO_OATHTOOL)(`agrees with oathtool, which knows SHA-1 only${NO_OATHTOOL}`, () => {
    fc.assert(
      fc.property(secrets, counters, fc.constantFrom(6, 7, 8), (secret, counter, digits) => {
        const theirs = oathtool(["--hotp", `--digits=${digits}`, `--counter=${counter}`], toHex(secret));
        expect(hotpAt(secret, counter, { algorithm: "SHA1", digits })).toBe(theirs);
      }),
      { numRuns: 40 },
    );
  });
});
