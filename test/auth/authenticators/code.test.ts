/** Codes as people type them: the digits of any script, with spaces and dashes. */
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { parseCode } from "../../../src/auth/authenticators/code.js";
import fc from "../../support/properties.js";

describe("a code", () => {
  it.each([
    ["012345", "012345"],
    ["012 345", "012345"],
    ["012-345", "012345"],
    [" 0 1 2 3 4 5\r\n", "012345"],
    ["12345", undefined],
    ["1234567", undefined],
    ["1e5000", undefined],
    ["+12345", undefined],
    ["１２３４５６", "123456"],
    ["١٢٣٤٥٦", "123456"],
    ["۱۲۳ ۴۵۶", "123456"],
    ["१२३४५६", "123456"],
    ["𝟎𝟏𝟐𝟑𝟒𝟓", "012345"],
    ["𝟶１٢३𝟦5", "012345"],
    ["123–456", "123456"],
    ["123−456", "123456"],
    ["123.456", "123456"],
    ["123·456", "123456"],
    ["123\u200b456\ufeff", "123456"],
    ["\u202a123456\u202c", "123456"],
    ["1\ufe0f23456", "123456"],
    ["½23456", undefined],
    ["²23456", undefined],
    ["一二三四五六", undefined],
    ["123,456", undefined],
    ["", undefined],
    ["\u200b", undefined],
  ])("is read from %j: %j", (typed, code) => {
    expect(parseCode(typed)).toBe(code);
  });

  const all = charactersOf(/^\p{Nd}$/u);

  it("may be typed in the digits of any script that this Node knows", () => {
    expect(all.length).toBeGreaterThan(600);
    // Unicode keeps its decimal digits in runs of ten, from zero to nine.
    const worth = all.map((digit) => parseCode(digit.repeat(6)));
    expect(worth).toEqual(all.map((_, index) => String(index % 10).repeat(6)));
  });

  it("may be typed in the digits of every language that this Node knows", () => {
    const systems = Intl.supportedValuesOf("numberingSystem").map((system) => {
      const { format } = new Intl.NumberFormat(`en-u-nu-${system}`, { useGrouping: false });
      return { system, digits: [...Array(10).keys()].map((digit) => format(digit)) };
    });
    const decimal = systems.filter(({ digits }) => digits.every((digit) => all.includes(digit)));
    expect(decimal.length).toBeGreaterThan(50);
    for (const { system, digits } of decimal) {
      expect(parseCode(digits.slice(4).join("")), system).toBe("456789");
      expect(parseCode(digits.slice(0, 6).join("")), system).toBe("012345");
    }
  });

  const between = [..."\t\n\r .·•․-", ...charactersOf(/^[\p{Pd}\p{Cf}\p{Zs}\p{Dash}]$/u)];

  it("is the same with any dash, dot, space or invisible character in it", () => {
    for (const mark of between) {
      const typed = `${mark}1${mark}23${mark}456${mark}`;
      expect(parseCode(typed), typed.codePointAt(0)?.toString(16)).toBe("123456");
    }
  });

  it("is refused when anything else is between the digits, or the text is long", () => {
    const rest = fc.string({ unit: "grapheme", minLength: 1, maxLength: 3 });
    const isOther = (text: string) =>
      [...text].some((one) => !all.includes(one) && !parseCode(`123${one}456`));
    fc.assert(fc.property(rest, (more) => !isOther(more) || parseCode(`123${more}456`) === undefined));
    expect(parseCode(`${" ".repeat(58)}123456`)).toBe("123456");
    expect(parseCode(`${" ".repeat(59)}123456`)).toBeUndefined();
    const replace = vi.spyOn(String.prototype, "replace");
    onTestFinished(() => replace.mockRestore());
    expect(parseCode("\u200b".repeat(10_000_000))).toBeUndefined();
    expect(replace).not.toHaveBeenCalled();
    parseCode("123456");
    expect(replace).toHaveBeenCalled();
  });
});

/** Every character of this Node's Unicode that a pattern takes, in order. */
function charactersOf(pattern: RegExp): string[] {
  const points = [...Array(0x110000).keys()].filter((point) => point < 0xd800 || point > 0xdfff);
  return points.map((point) => String.fromCodePoint(point)).filter((one) => pattern.test(one));
}
