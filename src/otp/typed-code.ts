/**
 * Parses codes as people type, paste and copy them: drops separators, and accepts the digits of every script.
 * Tests: test/auth/authenticators/code.test.ts
 */

/** The longest text that is parsed, in UTF-16 code units: eight digits of two units each, and separators. */
const MAX_TYPED_CODE = 64;

/** Spaces, dashes, dots, and the invisible characters that pages, keyboards and messengers put into copied text. */
const SEPARATORS = /[\p{White_Space}\p{Dash}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800.·•․‧∙⋅。．｡・･]/gu;

const DIGIT = /\p{Nd}/u;

/**
 * Converts what was typed to ASCII digits, leading zeros kept: `１２３–456` becomes `123456`. Undefined when anything but decimal
 * digits remains, when nothing remains, and for text of more than 64 code units, which is not parsed.
 */
export function typedDigits(typed: string): string | undefined {
  if (typed.length > MAX_TYPED_CODE) return undefined;
  const digits = typed.replace(SEPARATORS, "");
  if (!/^\p{Nd}+$/u.test(digits)) return undefined;
  return [...digits].map(digitValue).join("");
}

/**
 * The value of a decimal digit of any script. Unicode guarantees that such digits come in runs from 0 to 9 (The Unicode Standard,
 * section 4.6). Where runs follow each other without a gap, for example the mathematical ones, every tenth is a zero.
 */
function digitValue(digit: string): number {
  const point = digit.codePointAt(0) ?? 0;
  let first = point;
  while (DIGIT.test(String.fromCodePoint(first - 1))) first--;
  return (point - first) % 10;
}
