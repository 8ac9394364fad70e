/** Estimates the entropy of a secret, to refuse keys that a person typed and accept all that a generator made. */

/** In bits. 16 random bytes in hex, the weakest acceptable key of 32 characters, score about 115 and hardly ever below 85. */
const ENOUGH_BITS = 70;

/** Frequent pairs of letters: two thirds of all pairs in English text are among these, and a fifth of those in random text. */
const FREQUENT_PAIRS = new Set(
  (
    "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne ea ra " +
    "ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr ly nc et ut ss so rs un lo wa ge ie wh ee wi em " +
    "ad ol rt po we na ul ni ts mo ow pa im mi ai sh ir su id os iv ia am fi ci vi pl ig tu ev ld ry mp fe bl ab gh ty op wo sa ay ex ke"
  ).split(" "),
);

/** Placeholders from examples, rows and columns of a keyboard, and separators of words. */
const FILLERS =
  /change|replace|insert|secret|password|placeholder|example|default|latchkey|qwert|yuiop|asdf|ghjkl|zxcv|bnm|qaz|wsx|edc|rfv|tgb|yhn|ujm|zaq|xsw|cde|vfr|bgt|nhy|mju|1q2w|3e4r|5t6y|7u8i|9o0p|!@#|\$%\^|&\*\(|[\s._-]/gi;

/** A repetition of this many characters hardly ever occurs in random text. */
const REPEAT_LENGTH = 4;

/** Bits for a letter that is likely after the one before it. */
const LIKELY_LETTER_BITS = 0.5;

/** Whether a secret of at least 32 bytes could be random, in hex, base32, base64 or any other alphabet. */
export function isRandomEnough(secret: string): boolean {
  return bitsOf(secret.replace(FILLERS, "")) >= ENOUGH_BITS;
}

/**
 * Estimates a text's entropy in bits, somewhat too low for random texts. Each character counts log2 of the number of different
 * characters in the text. It counts nothing if it repeats or continues a sequence (`aaaa`, `4321`, `a1b2c3`), and little within
 * a word.
 */
function bitsOf(text: string): number {
  const points = [...text].map((character) => character.codePointAt(0) ?? 0);
  const differences = points.map((point, at) => point - (points[at - 1] ?? 0));
  const each = Math.log2(new Set(points).size || 1);
  let bits = 0;
  for (let at = 0; at < points.length; at++) {
    if (isInSequence(differences, at) || isRepeated(points, at) || isRepeated(differences, at)) continue;
    bits += isInWord(text, at) ? Math.min(LIKELY_LETTER_BITS, each) : each;
  }
  return bits;
}

/** Whether this character continues a sequence of equal differences, from the third character on: `abc`, `777`, `9630`. */
function isInSequence(differences: number[], at: number): boolean {
  const difference = differences[at] ?? 0;
  return at >= 2 && difference === differences[at - 1] && Math.abs(difference) <= 3;
}

/** Whether the last REPEAT_LENGTH items up to this one occurred before. */
function isRepeated(list: number[], at: number): boolean {
  for (let end = at - 1; end >= REPEAT_LENGTH - 1; end--) {
    let alike = 0;
    while (alike < REPEAT_LENGTH && list[end - alike] === list[at - alike]) alike++;
    if (alike === REPEAT_LENGTH) return true;
  }
  return false;
}

/** Whether this character and the one before are a frequent pair. */
function isInWord(text: string, at: number): boolean {
  return FREQUENT_PAIRS.has(text.slice(Math.max(at - 1, 0), at + 1).toLowerCase());
}
