/** `latchkey totp diagnose`: the same answers as while setting up, for whoever holds the secret. */
import { describe, expect, it } from "vitest";
import { fromBase32, hotpAt, type TotpParameters, toBase32, totpAt } from "../../src/otp/index.js";
import { latchkey } from "../support/latchkey-command.js";

/** The secret of RFC 6238 appendix B. */
const SECRET = toBase32(new TextEncoder().encode("12345678901234567890"));
const NOW = 1_700_000_025;
const APP: TotpParameters = { algorithm: "SHA1", digits: 6, period: 30 };

const codeAt = (time: number, other: Partial<TotpParameters> = {}) =>
  totpAt(fromBase32(SECRET), time, { ...APP, ...other });
const diagnose = (code: string, ...options: string[]) =>
  latchkey(["totp", "diagnose", SECRET, code, "--at", String(NOW), ...options]);

const ANSWERS: [what: string, code: string, text: string, json: object][] = [
  [
    "a code that was right",
    codeAt(NOW - 150),
    "it was right 150 s ago, so the clock that made it is behind by as much, or it was typed late.",
    { reason: "earlier-step", seconds: 150 },
  ],
  [
    "a code that will be right",
    codeAt(NOW + 600),
    "it is right in 600 s, so the clock that made it is ahead by as much.",
    { reason: "later-step", seconds: 600 },
  ],
  [
    "a clock in another time zone",
    codeAt(NOW - 19_800),
    "it was right 19800 s ago, so the clock that made it is behind by as much, or it was typed late.",
    { reason: "earlier-step", seconds: 19_800 },
  ],
  [
    "another algorithm",
    codeAt(NOW, { algorithm: "SHA256" }),
    "it was made with SHA256.",
    { reason: "other-algorithm", algorithm: "SHA256" },
  ],
  [
    "another number of digits",
    codeAt(NOW, { digits: 8 }),
    "it was made with 8 digits.",
    { reason: "other-digits", digits: 8 },
  ],
  [
    "longer time steps",
    codeAt(NOW, { period: 60 }),
    "it was made with time steps of 60 s, not 30.",
    { reason: "other-period", period: 60 },
  ],
  [
    "an entry that counts",
    hotpAt(fromBase32(SECRET), 1),
    "it is the HOTP code at counter 1: the entry counts codes and should follow the time.",
    { reason: "counter-based", counter: 1 },
  ],
  [
    "a wrong code",
    "000000",
    "it is not a code of this secret around that time, nor with another setting.",
    { reason: "wrong" },
  ],
  [
    "no code at all",
    "abc",
    "it is not a code of this secret around that time, nor with another setting.",
    { reason: "wrong" },
  ],
];

describe("latchkey totp diagnose", () => {
  it.each([-30, 0, 30])("exits 0 for a code that is %i s away", async (away) => {
    expect(await diagnose(codeAt(NOW + away))).toEqual({ exit: 0, out: "valid\n", err: "" });
    expect(await diagnose(codeAt(NOW + away), "--json")).toEqual({
      exit: 0,
      out: '{"valid":true}\n',
      err: "",
    });
  });

  it.each(ANSWERS)("exits 1 and says why for %s", async (_what, code, text) => {
    expect(await diagnose(code)).toEqual({ exit: 1, out: `not valid: ${text}\n`, err: "" });
  });

  it.each(ANSWERS)("prints one line of JSON for %s", async (_what, code, _text, json) => {
    const { exit, out, err } = await diagnose(code, "--json");
    expect({ exit, err }).toEqual({ exit: 1, err: "" });
    expect(out).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(out)).toEqual({ valid: false, ...json });
  });

  it("judges by the settings that are given", async () => {
    const settings = ["--algorithm", "SHA256", "--digits", "8", "--period", "60"];
    const theirs: TotpParameters = { algorithm: "SHA256", digits: 8, period: 60 };
    const answer = async (code: string) => JSON.parse((await diagnose(code, "--json", ...settings)).out);
    expect(await answer(codeAt(NOW, theirs))).toEqual({ valid: true });
    expect(await answer(codeAt(NOW - 300, theirs))).toMatchObject({ reason: "earlier-step", seconds: 300 });
    expect(await answer(codeAt(NOW, { ...theirs, digits: 6 }))).toMatchObject({
      reason: "other-digits",
      digits: 6,
    });
    expect(await answer(codeAt(NOW, { ...theirs, algorithm: "SHA1" }))).toMatchObject({ algorithm: "SHA1" });
    expect((await diagnose(codeAt(NOW, { ...theirs, period: 30 }), ...settings)).out).toBe(
      "not valid: it was made with time steps of 30 s, not 60.\n",
    );
  });

  it("takes the machine's time, or that of --at in either form", async () => {
    const old = codeAt(NOW - 150);
    const ago = expect.stringContaining("it was right 150 s ago");
    expect((await latchkey(["totp", "diagnose", SECRET, old], { now: NOW * 1_000 })).out).toEqual(ago);
    const iso = new Date(NOW * 1_000).toISOString();
    expect((await latchkey(["totp", "diagnose", SECRET, old, "--at", iso])).out).toEqual(ago);
  });

  it("works at the beginning of 1970", async () => {
    const first = await latchkey(["totp", "diagnose", SECRET, "000000", "--at", "0"]);
    expect(first).toMatchObject({ exit: 1, err: "" });
    const five = await latchkey(["totp", "diagnose", SECRET, codeAt(150), "--at", "0", "--json"]);
    expect(JSON.parse(five.out)).toEqual({ valid: false, reason: "later-step", seconds: 150 });
  });

  it("works until the last date there is", async () => {
    const last = ["--at", "8640000000000", "--json"];
    const answers = ["000000", codeAt(8.64e12), codeAt(8.64e12 - 150), codeAt(8.64e12 + 150)];
    const told = await Promise.all(
      answers.map(async (code) => (await latchkey(["totp", "diagnose", SECRET, code, ...last])).out),
    );
    expect(told.map((line) => JSON.parse(line))).toEqual([
      { valid: false, reason: "wrong" },
      { valid: true },
      { valid: false, reason: "earlier-step", seconds: 150 },
      { valid: false, reason: "later-step", seconds: 150 },
    ]);
  });

  it("accepts code and secret as people type them", async () => {
    const code = codeAt(NOW);
    const typed = SECRET.toLowerCase().replace(/(.{4})/g, "$1 ");
    const grouped = `${code.slice(0, 3)} ${code.slice(3)}`;
    expect((await latchkey(["totp", "diagnose", typed, grouped, "--at", String(NOW)])).exit).toBe(0);
    expect((await diagnose(`${code.slice(0, 3)}-${code.slice(3)}`)).exit).toBe(0);
  });

  it("warns of a short secret, and still answers", async () => {
    const { exit, out, err } = await latchkey([
      "totp",
      "diagnose",
      "base32secret3232",
      "000000",
      "--at",
      "59",
    ]);
    expect({ exit, isAnswered: out.startsWith("not valid: ") }).toEqual({ exit: 1, isAnswered: true });
    expect(err).toMatch(/^latchkey: warning: .*128.*\n$/);
  });

  it.each([
    [[], /SECRET is missing/],
    [[SECRET], /CODE is missing/],
    [[SECRET, "287082", "more"], /Too many arguments/],
    [[SECRET, "287082", "--window", "1"], /--window/],
    [[SECRET, "287082", "--digits", "9"], /--digits/],
    [[SECRET, "287082", "--algorithm", "md5"], /--algorithm/],
    [[SECRET, "287082", "--period", "0"], /--period/],
    [[SECRET, "287082", "--at", "yesterday"], /--at/],
    [[SECRET, "287082", "--at=-1"], /--at/],
    [["", "287082"], /empty/],
    [[`${SECRET}!`, "287082"], /not base32/],
    [[`${SECRET}A`, "287082"], /not base32/],
    [["A".repeat(1640), "287082"], /longer than 1024 bytes/],
  ] as [string[], RegExp][])("refuses %j as misuse in one sentence", async (args, sentence) => {
    const outcome = await latchkey(["totp", "diagnose", ...args]);
    expect(outcome).toMatchObject({ exit: 2, out: "" });
    expect(outcome.err).toMatch(sentence);
    expect(outcome.err).toMatch(/^latchkey: [^\n]+\n$/);
    expect(outcome.err).not.toContain(SECRET);
  });

  it("never prints the secret", async () => {
    const codes = [codeAt(NOW), ...ANSWERS.map(([, code]) => code)];
    for (const options of [[], ["--json"]]) {
      const answers = await Promise.all(codes.map((code) => diagnose(code, ...options)));
      for (const { out, err } of answers) {
        expect(out.length).toBeGreaterThan(5);
        expect(out + err).not.toContain(SECRET.slice(0, 8));
      }
    }
  });

  it("explains itself and its exit codes with --help", async () => {
    const { exit, out } = await latchkey(["totp", "diagnose", "--help"]);
    expect(exit).toBe(0);
    expect(out).toMatch(/^Usage: latchkey totp diagnose SECRET CODE.*--at TIME.*Exit code: 0 valid/s);
  });
});
