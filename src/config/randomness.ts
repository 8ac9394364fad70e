/** Estimates the randomness of a secret, to refuse keys that a person typed and accept all that a generator made. */

/** In bits. 16 random bytes in hex, the weakest key of 32 characters, get about 115 and hardly ever less than 85. */
const ENOUGH_BITS = 70;

/** Two thirds of all pairs of letters in English text are among these, and a fifth of those in random text. */
const PAIRS_OF_WORDS = new Set(
  (
    "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne ea ra " +
    "ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr ly nc et ut ss so rs un lo wa ge ie wh ee wi em " +
    "ad ol rt po we na ul ni ts mo ow pa im mi ai sh ir su id os iv ia am fi ci vi pl ig tu ev ld ry mp fe bl ab gh ty op wo sa ay ex ke"
  ).split(" "),
);

/** Placeholders from examples, rows and columns of a keyboard, and separators of words. */
const FILLERS =
  /change|replace|insert|secret|password|placeholder|example|default|latchkey|qwert|yuiop|asdf|ghjkl|zxcv|bnm|qaz|wsx|edc|rfv|tgb|yhn|ujm|zaq|xsw|cde|vfr|bgt|nhy|mju|1q2w|3e4r|5t6y|7u8i|9o0p|!@#|\$%\^|&\*\(|[\s._-]/gi;

/** A piece of this length hardly ever occurs twice in a random text. */
const PIECE = 4;

/** Bits for a letter that the one before makes likely. */
const FORETOLD_BITS = 0.5;

/** Whether a secret of 32 bytes or more may be random, in hex, base32, base64 or any other alphabet. */
export function isRandomEnough(secret: string): boolean {
  return bitsOf(secret.replace(FILLERS, "")) >= ENOUGH_BITS;
}

/**
 * An estimate in bits, somewhat too low for random texts. A character counts as one of the text's own alphabet; it counts nothing
 * if it repeats or continues a sequence (`aaaa`, `4321`, `a1b2c3`), and little within a word.
 */
function bitsOf(text: string): number {
  const points = [...text].map((character) => character.codePointAt(0) ?? 0);
  const steps = points.map((point, at) => point - (points[at - 1] ?? 0));
  const each = Math.log2(new Set(points).size || 1);
  let bits = 0;
  for (let at = 0; at < points.length; at++) {
    if (isInRow(steps, at) || stoodBefore(points, at) || stoodBefore(steps, at)) continue;
    bits += isInWord(text, at) ? Math.min(FORETOLD_BITS, each) : each;
  }
  return bits;
}

/** Whether this character continues a sequence of equal steps, from the third on: `abc`, `777`, `9630`. */
function isInRow(steps: number[], at: number): boolean {
  const step = steps[at] ?? 0;
  return at >= 2 && step === steps[at - 1] && Math.abs(step) <= 3;
}

/** Whether the piece that ends here occurred before. */
function stoodBefore(list: number[], at: number): boolean {
  for (let end = at - 1; end >= PIECE - 1; end--) {
    let alike = 0;
    while (alike < PIECE && list[end - alike] === list[at - alike]) alike++;
    if (alike === PIECE) return true;
  }
  return false;
}

function isInWord(text: string, at: number): boolean {
  return PAIRS_OF_WORDS.has(text.slice(Math.max(at - 1, 0), at + 1).toLowerCase());
}
