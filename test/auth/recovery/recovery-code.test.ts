/** Recovery codes as text: what is printed, what is read back, and which typing mistakes are noticed. */
import { describe, expect, it, onTestFinished, vi } from "vitest";
import {
  formatRecoveryCode,
  RECOVERY_CODE_BYTES,
  readRecoveryCode,
  recoveryCodeFrom,
} from "../../../src/auth/recovery/recovery-code.js";
import fc from "../../support/properties.js";

const CROCKFORD = [..."0123456789ABCDEFGHJKMNPQRSTVWXYZ"];

const anyBytes = fc.uint8Array({ minLength: RECOVERY_CODE_BYTES, maxLength: RECOVERY_CODE_BYTES });
const anyCode = anyBytes.map(recoveryCodeFrom);
/** Lone surrogates included. */
const anyText = fc.uint16Array({ maxLength: 40 }).map((units) => String.fromCharCode(...units));

describe("a recovery code", () => {
  it("is 16 symbols of Crockford's base32 and a check character", () => {
    expect(recoveryCodeFrom(new Uint8Array(10))).toBe("00000000000000000");
    expect(recoveryCodeFrom(new Uint8Array(10).fill(0xff))).toBe("ZZZZZZZZZZZZZZZZM");
    expect(recoveryCodeFrom(Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]))).toBe("000G40R40M30E209J");
    expect(recoveryCodeFrom(Buffer.from("0123456789abcdef0123", "hex"))).toBe("04HMASW9NF6YY093X");
  });

  it("equals what a second implementation makes of the same bytes, so all 80 bits are in it", () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(recoveryCodeFrom(bytes)).toBe(codeByTables(bytes));
        expect(bytesOf(recoveryCodeFrom(bytes))).toEqual([...bytes]);
      }),
    );
  });

  it("is made of ten bytes and of no other number", () => {
    for (const length of [0, 9, 11, 20]) {
      expect(() => recoveryCodeFrom(new Uint8Array(length))).toThrow(RangeError);
    }
  });

  it("is printed in groups", () => {
    expect(formatRecoveryCode("04HMASW9NF6YY093X")).toBe("04HM-ASW9-NF6Y-Y093X");
  });
});

describe("a typed recovery code", () => {
  it("is read back bare and as printed, in either case", () => {
    fc.assert(
      fc.property(anyCode, (code) => {
        for (const typed of [
          code,
          formatRecoveryCode(code),
          code.toLowerCase(),
          formatRecoveryCode(code).toLowerCase(),
        ]) {
          expect(readRecoveryCode(typed)).toEqual({ code });
        }
      }),
    );
  });

  it("may have O for 0, and I or L for 1", () => {
    fc.assert(
      fc.property(anyCode, fc.constantFrom(..."IiLl"), fc.constantFrom(..."Oo"), (code, one, zero) => {
        expect(readRecoveryCode(code.replaceAll("1", one).replaceAll("0", zero))).toEqual({ code });
      }),
    );
  });

  it.each([
    ["spaces around and inside", " 04HM ASW9\tNF6Y Y093X\r\n"],
    ["no-break spaces", "04HM\u00a0ASW9\u202fNF6Y\u2007Y093X"],
    ["en and em dashes", "04HM\u2013ASW9\u2014NF6Y\u2013Y093X"],
    ["Unicode hyphens and a minus sign", "04HM\u2010ASW9\u2011NF6Y\u2212Y093X"],
    ["full-width hyphens", "04HM\uff0dASW9\uff0dNF6Y\uff0dY093X"],
    ["soft hyphens and invisible marks", "\ufeff04HM\u00adASW9\u200bNF6Y\u2060Y093X\u200e"],
    ["hyphens elsewhere", "0-4-H-M-A-S-W-9--NF6YY093X-"],
  ])("may have %s", (_, typed) => {
    expect(readRecoveryCode(typed)).toEqual({ code: "04HMASW9NF6YY093X" });
  });

  /** As a line of the file has it, and of a page or a printout that was copied. */
  const LINES: [string, (code: string, position: number) => string][] = [
    ["of the file", (code, position) => `${String(position).padStart(2)}.  ${code}`],
    ["with its end", (code, position) => `${position}. ${code}\r\n`],
    ["with a bracket", (code, position) => `${position}) ${code}`],
    ["without a blank", (code, position) => `${position}.${code}`],
    ["with a tab", (code, position) => `\t${position}.\t${code}`],
    ["in full width", (code, position) => wide(`${position}. ${code}`)],
  ];
  const anyPosition = fc.integer({ min: 1, max: 10 });

  it.each(LINES)("is read from a whole pasted line %s, at every place", (_, lineOf) => {
    fc.assert(
      fc.property(anyCode, (code) => {
        for (let position = 1; position <= 10; position++) {
          expect(readRecoveryCode(lineOf(formatRecoveryCode(code), position))).toEqual({ code });
        }
      }),
    );
  });

  it("is a typo when a pasted line has one symbol wrong, or two swapped", () => {
    fc.assert(
      fc.property(anyCode, anyPosition, fc.constantFrom(...LINES), (code, position, [, lineOf]) => {
        const wrong = [...code].flatMap((right, at) =>
          CROCKFORD.filter((other) => other !== right).map(
            (other) => code.slice(0, at) + other + code.slice(at + 1),
          ),
        );
        const swapped = pairs(17).map(([a, b]) => swap(code, a, b));
        const slips = [...wrong, ...swapped.filter((typed) => typed !== code)];
        const read = slips.map((slip) => readRecoveryCode(lineOf(formatRecoveryCode(slip), position)));
        expect(read.filter((one) => one !== "typo")).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it("is not a code when a line number stands in place of a symbol, or touches one", () => {
    fc.assert(
      fc.property(anyCode, anyPosition, (code, position) => {
        for (const typed of [`${position}${code}`, `${position} ${formatRecoveryCode(code)}`]) {
          expect(readRecoveryCode(typed)).toBeUndefined();
        }
        for (const number of ["0", "11", "1.2", "A", ""]) {
          expect(readRecoveryCode(`${number}. ${code}`)).toBeUndefined();
        }
        expect(readRecoveryCode(`${position}. ${code.slice(1)}`)).toBeUndefined();
      }),
    );
  });

  it("may be typed in full-width letters, digits and hyphens", () => {
    fc.assert(
      fc.property(anyCode, (code) => {
        for (const typed of [wide(code), wide(formatRecoveryCode(code)), wide(code.toLowerCase())]) {
          expect(readRecoveryCode(typed)).toEqual({ code });
        }
      }),
    );
  });

  it("is refused unread when it is longer than any line could be", () => {
    expect(readRecoveryCode(`${" ".repeat(111)}04HMASW9NF6YY093X`)).toEqual({ code: "04HMASW9NF6YY093X" });
    expect(readRecoveryCode(`${" ".repeat(112)}04HMASW9NF6YY093X`)).toBeUndefined();
    const replace = vi.spyOn(String.prototype, "replace");
    onTestFinished(() => replace.mockRestore());
    expect(readRecoveryCode("\u200b".repeat(10_000_000))).toBeUndefined();
    expect(replace).not.toHaveBeenCalled();
    readRecoveryCode("123456");
    expect(replace).toHaveBeenCalled();
  });

  it("is a typo when any one symbol is wrong", () => {
    fc.assert(
      fc.property(anyCode, (code) => {
        const wrong = [...code].flatMap((right, at) =>
          CROCKFORD.filter((other) => other !== right).map(
            (other) => code.slice(0, at) + other + code.slice(at + 1),
          ),
        );
        expect(wrong).toHaveLength(17 * 31);
        expect(wrong.filter((typed) => readRecoveryCode(typed) !== "typo")).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it("is a typo when two different symbols are swapped, neighbours or not", () => {
    fc.assert(
      fc.property(anyCode, (code) => {
        const swapped = pairs(17).map(([a, b]) => swap(code, a, b));
        expect(swapped.filter((typed) => typed !== code && readRecoveryCode(typed) !== "typo")).toEqual([]);
      }),
    );
  });

  it("is a typo when it has a U, wherever it stands", () => {
    for (let at = 0; at < 17; at++) {
      const zeros = "0".repeat(17);
      expect(readRecoveryCode(`${zeros.slice(0, at)}u${zeros.slice(at + 1)}`)).toBe("typo");
    }
  });

  it("is not a code unless it has 17 letters and digits", () => {
    fc.assert(
      fc.property(anyCode, (code) => {
        expect(readRecoveryCode(code.slice(1))).toBeUndefined();
        expect(readRecoveryCode(`${code}0`)).toBeUndefined();
        expect(readRecoveryCode(code + code)).toBeUndefined();
      }),
    );
    for (const other of ["", " ", "-", "123456", "123 456", "correct horse battery staple"]) {
      expect(readRecoveryCode(other)).toBeUndefined();
    }
  });

  it.each([
    ["a full stop", "."],
    ["an underscore", "_"],
    ["a NUL", "\0"],
    ["a letter that upper-cases to an S", "\u017f"],
    ["a letter that lower-cases to a k", "\u212a"],
    ["a letter that upper-cases to two", "\u00df"],
    ["a mathematical digit", "\u{1d7cf}"],
    ["a letter in a circle", "\u24b6"],
    ["an Arabic digit", "\u0661"],
    ["a Cyrillic letter like an A", "\u0410"],
    ["a letter with an accent", "e\u0301"],
    ["a key", "\u{1f511}"],
    ["half a character", "\ud83d"],
  ])("is not a code when it has %s in it", (_, character) => {
    const code = "04HMASW9NF6YY093X";
    expect(readRecoveryCode(code.slice(1) + character)).toBeUndefined();
    expect(readRecoveryCode(code.slice(2) + character)).toBeUndefined();
    expect(readRecoveryCode(character + code)).toBeUndefined();
  });

  it("is read or refused, and never throws, whatever is typed", () => {
    fc.assert(
      fc.property(anyText, (typed) => {
        const read = readRecoveryCode(typed);
        if (typeof read === "object") expect(readRecoveryCode(read.code)).toEqual(read);
      }),
    );
  });
});

/** In full width, as a Japanese keyboard types it. */
function wide(text: string): string {
  return text.replace(/[!-~]/g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0));
}

/** The same code by powers and logarithms of α, each weight looked up, instead of doubling along the way. */
function codeByTables(bytes: Uint8Array): string {
  const powers = [1];
  while (powers.length < 31) {
    const next = (powers.at(-1) ?? 0) * 2;
    powers.push(next > 31 ? next ^ 37 : next);
  }
  expect(new Set(powers).size).toBe(31);
  const symbols = (bitsOf(bytes, 8).match(/.{5}/g) ?? []).map((bits) => Number.parseInt(bits, 2));
  let check = 0;
  symbols.forEach((symbol, at) => {
    if (symbol !== 0) check ^= powers[(powers.indexOf(symbol) + 16 - at) % 31] ?? Number.NaN;
  });
  return [...symbols, check].map((symbol) => CROCKFORD[symbol]).join("");
}

function bytesOf(code: string): number[] {
  const symbols = [...code.slice(0, 16)].map((symbol) => CROCKFORD.indexOf(symbol));
  return (bitsOf(symbols, 5).match(/.{8}/g) ?? []).map((bits) => Number.parseInt(bits, 2));
}

function bitsOf(values: Iterable<number>, width: number): string {
  return Array.from(values, (value) => value.toString(2).padStart(width, "0")).join("");
}

function pairs(length: number): [number, number][] {
  const places = [...Array(length).keys()];
  return places.flatMap((a) => places.filter((b) => a < b).map((b): [number, number] => [a, b]));
}

function swap(text: string, a: number, b: number): string {
  return text.slice(0, a) + text.charAt(b) + text.slice(a + 1, b) + text.charAt(a) + text.slice(b + 1);
}
