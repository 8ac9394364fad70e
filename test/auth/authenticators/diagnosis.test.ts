/** What is wrong with a code, for the holder of the secret: another time, another setting, a counter; or just wrong. */
import { describe, expect, it } from "vitest";
import { type Diagnosis, diagnose } from "../../../src/auth/authenticators/diagnosis.js";
import {
  type Algorithm,
  hotpAt,
  STANDARD_PARAMETERS,
  type TotpParameters,
  timeStep,
  toHex,
  totpAt,
} from "../../../src/otp/index.js";
import { NO_OATHTOOL, oathtool } from "../../otp/oathtool.js";
import { range } from "../../support/range.js";

const PERIOD = 30;
const HOUR = 3_600;

/** Of RFC 6238 appendix B: what is expected of its codes here is the same on every run. */
const SECRET = new TextEncoder().encode("12345678901234567890");
/** The middle of a time step. */
const NOW = 1_700_000_025;

/** How many time steps away a refused code is looked for, and told of. */
const TOLD = range(2, 20);

describe.each<[string, TotpParameters]>([
  ["what every app does", STANDARD_PARAMETERS],
  ["SHA-256, 8 digits and 60 seconds", { algorithm: "SHA256", digits: 8, period: 60 }],
])("the diagnosis for the holder of the secret, where %s is expected", (_what, expected) => {
  const { period } = expected;
  const step = timeStep(NOW, period);
  const why = (code: string, time = NOW) => diagnose(SECRET, code, time, expected);
  const codeAt = (time: number, other: Partial<TotpParameters> = {}) =>
    totpAt(SECRET, time, { ...expected, ...other });

  it("accepts a code of one step either side, and no other", () => {
    const right = range(-22, 22).filter((away) => why(hotpAt(SECRET, step + away, expected)) === undefined);
    expect(right).toEqual([-1, 0, 1]);
  });

  it.each(TOLD)("tells the seconds and the direction when the code is %i steps away", (away) => {
    for (const time of [step * period, NOW, (step + 1) * period - 0.001]) {
      const seconds = away * period;
      expect(why(codeAt(time - seconds), time)).toEqual({ reason: "earlier-step", seconds });
      expect(why(codeAt(time + seconds), time)).toEqual({ reason: "later-step", seconds });
    }
  });

  it.each([-21, 21, -55, 55])("says only that the code is wrong when it is %i steps away", (away) => {
    expect(why(hotpAt(SECRET, step + away, expected))).toEqual({ reason: "wrong" });
  });

  const algorithms: Algorithm[] = ["SHA1", "SHA256", "SHA512"];
  it.each(algorithms.filter((algorithm) => algorithm !== expected.algorithm))(
    "names the algorithm when the code was made with %s",
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
    "names the digits when the code has %i",
    (digits) => {
      for (const away of [-1, 0, 1])
        expect(why(codeAt(NOW + away * period, { digits }))).toEqual({ reason: "other-digits", digits });
      expect(why(codeAt(NOW + 2 * period, { digits }))).toEqual({ reason: "wrong" });
    },
  );

  it.each([30, 60].filter((other) => other !== period))(
    "names the period when the app's time steps take %i s",
    (other) => {
      for (const away of [-1, 0, 1])
        expect(why(codeAt(NOW + away * other, { period: other }))).toEqual({
          reason: "other-period",
          period: other,
        });
      expect(why(codeAt(NOW + 2 * other, { period: other }))).toEqual({ reason: "wrong" });
    },
  );

  it("says only that the code is wrong when two settings differ at once", () => {
    const two: Partial<TotpParameters>[] = [
      { algorithm: "SHA512", digits: 7 },
      { algorithm: "SHA512", period: period === 30 ? 60 : 30 },
      { digits: 7, period: period === 30 ? 60 : 30 },
    ];
    for (const other of two) expect(why(codeAt(NOW, other))).toEqual({ reason: "wrong" });
  });

  it("names the counter when the entry counts its codes, from 0 to 10", () => {
    for (const counter of range(0, 10))
      expect(why(hotpAt(SECRET, counter, expected))).toEqual({ reason: "counter-based", counter });
    expect(why(hotpAt(SECRET, 11, expected))).toEqual({ reason: "wrong" });
  });

  it.each([1, 2, 5.5, 8, 14])(
    "tells the seconds and the direction when the clock is a time zone of %d h away",
    (hours) => {
      const seconds = hours * HOUR;
      // Also when the code was typed a step late.
      for (const late of [0, period]) {
        expect(why(codeAt(NOW - seconds - late))).toEqual({ reason: "earlier-step", seconds });
        expect(why(codeAt(NOW + seconds - late))).toEqual({ reason: "later-step", seconds });
      }
      for (const farther of [-2 * period, period])
        expect(why(codeAt(NOW + seconds + farther))).toEqual({ reason: "wrong" });
    },
  );

  it.each([15, 24, 0.75])(
    "says only that the code is wrong when the clock is %d h away, which is no time zone",
    (hours) => {
      for (const away of [-hours, hours]) expect(why(codeAt(NOW + away * HOUR))).toEqual({ reason: "wrong" });
    },
  );

  it.each(["", "0", "12345", "abcdef", "００００００", "-12345", "1e3456", "123456789", "1234567 "])(
    "says only that the code is wrong when it reads %j",
    (text) => {
      expect(why(text)).toEqual({ reason: "wrong" });
    },
  );

  it("looks no further back than 1970", () => {
    expect(why(codeAt(0), 0)).toBeUndefined();
    expect(why(codeAt(20 * period), 0)).toEqual({ reason: "later-step", seconds: 20 * period });
    expect(why(codeAt(0), 20 * period)).toEqual({ reason: "earlier-step", seconds: 20 * period });
    for (const time of [0, 0.5, period, HOUR, HOUR + period]) {
      const none = expected.digits === 6 ? "000000" : "00000000";
      expect(why(none, time)).toEqual({ reason: "wrong" });
    }
  });

  it("judges by the expected settings alone", () => {
    const other =
      expected === STANDARD_PARAMETERS ? { ...expected, digits: 8 as const } : STANDARD_PARAMETERS;
    expect(diagnose(SECRET, codeAt(NOW), NOW, expected)).toBeUndefined();
    expect(diagnose(SECRET, codeAt(NOW), NOW, other)).not.toBeUndefined();
  });
});

describe("the diagnosis without settings", () => {
  it("expects what every app does when no settings are given", () => {
    expect(diagnose(SECRET, totpAt(SECRET, NOW), NOW)).toBeUndefined();
    expect(diagnose(SECRET, totpAt(SECRET, NOW, { ...STANDARD_PARAMETERS, digits: 8 }), NOW)).toEqual({
      reason: "other-digits",
      digits: 8,
    });
  });

  it("takes the nearest step when a code is right for two", () => {
    const [first, second] = [56_721_294, 56_721_310];
    const code = hotpAt(SECRET, first);
    expect(hotpAt(SECRET, second)).toBe(code);
    const why = (step: number) => diagnose(SECRET, code, step * PERIOD);
    expect(why(first + 4)).toEqual({ reason: "earlier-step", seconds: 120 });
    expect(why(second - 4)).toEqual({ reason: "later-step", seconds: 120 });
  });
});

describe.skipIf(NO_OATHTOOL)(`a code made by oathtool${NO_OATHTOOL}`, () => {
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
  ])("is recognised when made %s", (_how, options, diagnosis) => {
    expect(diagnose(SECRET, oathtool(options, hex), NOW)).toEqual(diagnosis);
  });
});
