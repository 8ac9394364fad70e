/** `latchkey totp`, `hotp` and `secret`: codes on the command line, and how every command takes its arguments. */
import { describe, expect, it } from "vitest";
import { fromBase32, toBase32 } from "../../src/otp/index.js";
import { counting, latchkey, type Outcome } from "../support/latchkey-command.js";

/** The secret of RFC 6238 appendix B, which has at 59 s, in step 1, the code 287082. */
const SECRET = toBase32(new TextEncoder().encode("12345678901234567890"));
const SHORT = "base32secret3232";

describe("latchkey totp now", () => {
  it("prints the current code", async () => {
    expect(await latchkey(["totp", "now", SECRET], { now: 59_999 })).toEqual(printed("287082"));
    expect(await latchkey(["totp", "now", SECRET], { now: 60_000 })).toEqual(printed("359152"));
  });

  it.each([
    ["59"],
    ["59.9"],
    ["1970-01-01T00:00:59Z"],
    ["1970-01-01T00:00:59"],
    ["1970-01-01 00:00:59.5"],
    ["1970-01-01T02:00:59+02:00"],
    ["1970-01-01T02:00:59+0200"],
    ["1970-01-01T02:00:59+02"],
    ["1969-12-31T23:00:59-01"],
  ])("takes the time from --at %s", async (time) => {
    expect(await latchkey(["totp", "now", SECRET, "--at", time])).toEqual(printed("287082"));
  });

  it("takes a date as its first second, in UTC", async () => {
    const byDay = await latchkey(["totp", "now", SECRET, "--at", "2009-02-14"]);
    expect(byDay).toEqual(await latchkey(["totp", "now", SECRET, "--at", "1234569600"]));
  });

  it.each([
    "yesterday",
    "",
    "-5",
    "1e3",
    "0x10",
    "2023-02-30",
    "2023-13-01",
    "2023-01-01T25:00Z",
    "2023-01-01T10",
    "1969-12-31",
    "9999999999999999999",
  ])("refuses --at %j as misuse", async (time) => {
    expectMisuse(await latchkey(["totp", "now", SECRET, `--at=${time}`]), /--at/);
  });

  it.each(["sha256", "SHA256", "SHA-256", "sha_256"])("accepts --algorithm %s", async (algorithm) => {
    const secret = toBase32(new TextEncoder().encode("12345678901234567890123456789012"));
    const args = ["totp", "now", secret, "--algorithm", algorithm, "--digits", "8", "--at", "59"];
    expect(await latchkey(args)).toEqual(printed("46119246"));
  });

  it("takes the length of a time step from --period", async () => {
    const args = ["totp", "now", SECRET, "--period", "60", "--at", "60"];
    expect(await latchkey(args)).toEqual(printed("287082"));
  });

  it("prints the code, its time step and the seconds left with --json", async () => {
    const { out } = await latchkey(["totp", "now", SECRET, "--at", "59", "--json"]);
    expect(JSON.parse(out)).toEqual({ code: "287082", timeStep: 1, expiresIn: 1 });
  });

  it("reads a secret with spaces, hyphens and small letters", async () => {
    const typed = `${SECRET.slice(0, 8).toLowerCase()} ${SECRET.slice(8, 20)}-${SECRET.slice(20)}`;
    expect(await latchkey(["totp", "now", typed, "--at", "59"])).toEqual(printed("287082"));
  });
});

describe("latchkey totp verify", () => {
  const verify = (...args: string[]) => latchkey(["totp", "verify", SECRET, ...args]);

  it("exits 0 for a code of this step or one step either side, else 1", async () => {
    expect(await verify("287082", "--at", "59")).toEqual(printed("valid"));
    expect(await verify("287082", "--at", "0")).toEqual(printed("valid"));
    expect(await verify("287082", "--at", "89")).toEqual(printed("valid"));
    expect(await verify("287082", "--at", "90")).toEqual({ ...printed("not valid"), exit: 1 });
  });

  it("searches as far as --window says", async () => {
    expect((await verify("287082", "--at", "89", "--window", "0")).exit).toBe(1);
    expect((await verify("287082", "--at", "90", "--window", "2")).exit).toBe(0);
  });

  it("prints the step and the drift with --json", async () => {
    const late = await verify("287082", "--at", "60", "--json");
    expect(JSON.parse(late.out)).toEqual({ valid: true, timeStep: 1, drift: -1 });
    const wrong = await verify("000000", "--at", "60", "--json");
    expect(JSON.parse(wrong.out)).toEqual({ valid: false });
    expect(wrong.exit).toBe(1);
  });

  it("accepts a code in groups, as apps show it", async () => {
    expect((await verify("287 082", "--at", "59")).exit).toBe(0);
    expect((await verify("287-082", "--at", "59")).exit).toBe(0);
  });

  it.each(["", "28708", "02870820", "abcdef", "²８７０８２"])("calls %j not valid", async (code) => {
    expect(await verify(code, "--at", "59")).toEqual({ ...printed("not valid"), exit: 1 });
  });
});

describe("latchkey hotp", () => {
  it.each([
    ["0", "260182"],
    ["1", "055283"],
    ["1401", "316439"],
  ])("prints for counter %s of base32secret3232 the code %s", async (counter, code) => {
    const { exit, out } = await latchkey(["hotp", "at", SHORT, counter]);
    expect({ exit, out }).toEqual({ exit: 0, out: `${code}\n` });
  });

  it("calls 316439 valid at counter 1401 and not at 1402", async () => {
    expect(await latchkey(["hotp", "verify", SHORT, "316439", "1401"])).toMatchObject({
      exit: 0,
      out: "valid\n",
    });
    expect(await latchkey(["hotp", "verify", SHORT, "316439", "1402"])).toMatchObject({
      exit: 1,
      out: "not valid\n",
    });
  });

  it("searches ahead only when --window says so, and names the counter that it found", async () => {
    expect((await latchkey(["hotp", "verify", SECRET, "254676", "3"])).exit).toBe(1);
    const found = await latchkey(["hotp", "verify", SECRET, "254676", "3", "--window", "2", "--json"]);
    expect(JSON.parse(found.out)).toEqual({ valid: true, counter: 5 });
  });

  it.each(["-1", "1.5", "1e3", "", "9007199254740992", "one"])(
    "refuses the counter %j as misuse",
    async (counter) => {
      expectMisuse(await latchkey(["hotp", "at", SECRET, "--", counter]), /COUNTER/);
      expectMisuse(await latchkey(["hotp", "verify", SECRET, "254676", "--", counter]), /COUNTER/);
    },
  );
});

describe("latchkey secret", () => {
  it("prints 20 random bytes as base32", async () => {
    const { exit, out, err } = await latchkey(["secret"]);
    expect({ exit, err }).toEqual({ exit: 0, err: "" });
    expect(fromBase32(out)).toEqual(counting(20));
  });

  it("prints as many bytes as --bytes says, and hex with --hex", async () => {
    expect(await latchkey(["secret", "--hex", "--bytes", "16"])).toEqual(
      printed("000102030405060708090a0b0c0d0e0f"),
    );
    const { out } = await latchkey(["secret", "--hex", "--bytes", "16", "--json"]);
    expect(JSON.parse(out)).toEqual({
      secret: "000102030405060708090a0b0c0d0e0f",
      encoding: "hex",
      bytes: 16,
    });
  });

  it.each(["0", "-1", "1025", "ten", ""])("refuses --bytes %j as misuse", async (bytes) => {
    expectMisuse(await latchkey(["secret", `--bytes=${bytes}`]), /--bytes/);
  });
});

describe("a short secret", () => {
  it.each([
    ["totp", "now", SHORT],
    ["hotp", "at", SHORT, "0"],
    ["hotp", "verify", SHORT, "260182", "0"],
    ["secret", "--bytes", "15"],
  ])("works in latchkey %s %s, with a warning on standard error", async (...args) => {
    const { exit, out, err } = await latchkey(args);
    expect({ exit, lines: out.split("\n").length }).toEqual({ exit: 0, lines: 2 });
    expect(err).toMatch(/^latchkey: warning: .*128.*\n$/);
  });

  it("is shorter than 16 bytes", async () => {
    expect((await latchkey(["secret", "--bytes", "16"])).err).toBe("");
  });
});

describe("the command line", () => {
  it.each([
    [[], /--help/],
    [["nonsense"], /"nonsense"/],
    [["constructor"], /"constructor"/],
    [["totp"], /now, verify or diagnose/],
    [["totp", "later"], /now, verify or diagnose/],
    [["totp", "now"], /SECRET is missing/],
    [["totp", "verify", SECRET], /CODE is missing/],
    [["hotp", "verify", SECRET, "254676"], /COUNTER is missing/],
    [["totp", "now", SECRET, "more"], /Too many arguments/],
    [["totp", "now", SECRET, "--window", "1"], /--window/],
    [["totp", "now", SECRET, "--at"], /--at/],
    [["totp", "now", SECRET, "--json=yes"], /--json/],
    [["totp", "now", SECRET, "--digits", "9"], /--digits/],
    [["totp", "now", SECRET, "--digits", "6.0"], /--digits/],
    [["totp", "now", SECRET, "--algorithm", "md5"], /--algorithm/],
    [["totp", "now", SECRET, "--period", "0"], /--period/],
    [["totp", "verify", SECRET, "287082", "--window", "many"], /--window/],
    [["totp", "now", ""], /empty/],
    [["totp", "now", "not base32!"], /base32/],
    [["totp", "now", "A".repeat(1640)], /longer than 1024 bytes/],
  ] as [string[], RegExp][])("refuses %j as misuse in one sentence", async (args, sentence) => {
    expectMisuse(await latchkey(args), sentence);
  });

  it("lists every command with --help, and a group's commands for that group", async () => {
    const { exit, out, err } = await latchkey(["--help"]);
    expect({ exit, err }).toEqual({ exit: 0, err: "" });
    for (const words of ["secret", "totp now", "totp verify", "totp diagnose", "hotp at", "hotp verify"]) {
      expect(out).toContain(`latchkey ${words} `);
    }
    const group = await latchkey(["hotp", "--help"]);
    expect(group.out).toContain("latchkey hotp at ");
    expect(group.out).not.toContain("latchkey totp now ");
  });

  it("explains one command with --help, without running it", async () => {
    const { exit, out } = await latchkey(["totp", "verify", "--help"]);
    expect(exit).toBe(0);
    expect(out).toMatch(/^Usage: latchkey totp verify SECRET CODE.*--window.*Exit code: 0 valid/s);
  });

  it("prints no control characters of what was typed", async () => {
    const { err } = await latchkey(["non\nsense\u001b[31m\u009b"]);
    expect(err).toMatch(/^[^\p{Cc}]*\n$/u);
  });

  it("reports an unexpected failure in one sentence and exits 1", async () => {
    const { exit, err } = await latchkey(["secret"], {
      random: () => {
        throw new Error("no randomness\n    at somewhere");
      },
    });
    expect({ exit, err }).toEqual({ exit: 1, err: "latchkey: no randomness at somewhere\n" });
  });
});

/** Runs a command line at time 0, or when told, with bytes that count up from 0 in place of random ones. */
function printed(line: string): Outcome {
  return { exit: 0, out: `${line}\n`, err: "" };
}

function expectMisuse(outcome: Outcome, sentence: RegExp): void {
  expect(outcome).toMatchObject({ exit: 2, out: "" });
  expect(outcome.err).toMatch(sentence);
  expect(outcome.err).toMatch(/^latchkey: [^\n]+\n$/);
  expect(outcome.err).not.toContain("warning");
}

describe.each([
  ["totp verify", [SECRET], ["--at", "59"], "287082"],
  ["hotp verify", [SECRET], ["1"], "287082"],
  ["totp diagnose", [SECRET], ["--at", "59"], "287082"],
] as const)("latchkey %s", (command, before, after, code) => {
  it("accepts a code in the digits of any script, with dashes, dots and invisible characters", async () => {
    const digits = [...code].map(Number);
    const typed = [
      digits.map((digit) => String.fromCharCode(0xff10 + digit)).join(""),
      digits.map((digit) => String.fromCodePoint(0x1d7ce + digit)).join(""),
      `${code.slice(0, 3)}–${code.slice(3)}`,
      `\ufeff${code.slice(0, 3)}\u200b${code.slice(3)}`,
      `${code.slice(0, 3)}·${code.slice(3)}`,
    ];
    for (const one of typed) {
      expect((await latchkey([...command.split(" "), ...before, one, ...after])).exit, one).toBe(0);
    }
    for (const none of ["", "–", "abcdef", " ".repeat(100) + code]) {
      expect((await latchkey([...command.split(" "), ...before, none, ...after])).exit, none).toBe(1);
    }
  });
});
