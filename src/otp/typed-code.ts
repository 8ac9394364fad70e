/** Reads codes as people type, paste and copy them: drops separators, and accepts the digits of every script. */

/** The longest text that is read as a code, in code units: eight digits of two units each, and separators. */
const MAX_TYPED_CODE = 64;

/** Spaces, dashes, dots, and the invisible characters that pages, keyboards and messengers put into copied text. */
const BETWEEN = /[\p{White_Space}\p{Dash}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800.·•․‧∙⋅。．｡・･]/gu;

const DIGIT = /\p{Nd}/u;

/**
 * The ASCII digits of what was typed, leading zeros kept: `１２３–456` is `123456`. Undefined when anything but decimal digits
 * remains, when nothing remains, and for text of more than 64 code units, which is not read.
 */
export function typedDigits(typed: string): string | undefined {
  if (typed.length > MAX_TYPED_CODE) return undefined;
  const bare = typed.replace(BETWEEN, "");
  if (!/^\p{Nd}+$/u.test(bare)) return undefined;
  return [...bare].map(worthOf).join("");
}

/**
 * The value of a decimal digit of any script. Unicode guarantees that such digits come in runs from 0 to 9 (The Unicode Standard,
 * section 4.6); where runs follow each other without a gap, as the mathematical ones do, every tenth is a zero.
 */
function worthOf(digit: string): number {
  const point = digit.codePointAt(0) ?? 0;
  let first = point;
  while (DIGIT.test(String.fromCodePoint(first - 1))) first--;
  return (point - first) % 10;
}
