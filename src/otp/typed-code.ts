/** Codes as people type, paste and copy them: whatever stands between the digits is dropped, and every script's digits count. */

/** The longest text that is read as a code, in code units: eight digits of two units each, with room between them. */
const MAX_TYPED_CODE = 64;

/** Blanks, dashes, dots, and the invisible marks that pages, keyboards and messengers put into copied text. */
const BETWEEN = /[\p{White_Space}\p{Dash}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800.·•․‧∙⋅。．｡・･]/gu;

const DIGIT = /\p{Nd}/u;

/**
 * The ASCII digits of what was typed, leading zeros kept: `１２３–456` is `123456`. Undefined where anything else than
 * decimal digits is left, where nothing is left, and for a text of more than 64 code units, which is not looked at.
 */
export function typedDigits(typed: string): string | undefined {
  if (typed.length > MAX_TYPED_CODE) return undefined;
  const bare = typed.replace(BETWEEN, "");
  if (!/^\p{Nd}+$/u.test(bare)) return undefined;
  return [...bare].map(worthOf).join("");
}

/**
 * What a decimal digit of any script is worth. Unicode promises that such digits stand in runs from 0 to 9 (The Unicode
 * Standard, section 4.6); where runs follow each other without a gap, as the mathematical ones do, every tenth is a zero.
 */
function worthOf(digit: string): number {
  const point = digit.codePointAt(0) ?? 0;
  let first = point;
  while (DIGIT.test(String.fromCodePoint(first - 1))) first--;
  return (point - first) % 10;
}
