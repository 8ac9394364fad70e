/** Recovery codes as text: how random bytes become a code that a person can copy, and how it is read back. */
import { RECOVERY_CODES } from "../policy.js";

/** How many random bytes make a code: 80 bits, 16 symbols of five bits each. */
export const RECOVERY_CODE_BYTES = 10;

/** Crockford's base32: no I, L and O, which look like digits, and no U, which helps to spell insults. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The longest text that is read as a recovery code, in code units: a line of the file has 27. */
const MAX_TYPED_RECOVERY_CODE = 128;

/** White space, and the dashes and invisible characters that phone keyboards and copied text add. */
const BETWEEN = /[\p{White_Space}\p{Dash}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** The number at the start of a line of the downloaded or printed codes. Its separator never occurs in a code. */
const LIST_NUMBER = new RegExp(
  `^(?:${Array.from({ length: RECOVERY_CODES }, (_, index) => index + 1).join("|")})[.):]`,
);

/** The code for ten random bytes, as 17 bare symbols. @throws RangeError on another length */
export function recoveryCodeFrom(bytes: Uint8Array): string {
  if (bytes.length !== RECOVERY_CODE_BYTES) {
    throw new RangeError(`A recovery code is made of ${RECOVERY_CODE_BYTES} bytes, not ${bytes.length}.`);
  }
  const digits = BigInt(`0x${Buffer.from(bytes).toString("hex")}`)
    .toString(32)
    .padStart(16, "0");
  const symbols = [...digits].map((digit) => Number.parseInt(digit, 32));
  return [...symbols, timesAlpha(weightedSum(symbols))].map((symbol) => ALPHABET.charAt(symbol)).join("");
}

/** As printed, XXXX-XXXX-XXXX-XXXXX. */
export function formatRecoveryCode(code: string): string {
  return code.replace(/^(.{4})(.{4})(.{4})/, "$1-$2-$3-");
}

/**
 * Reads what a person typed: the bare code if its check character fits; "typo" if it has the length of a code but the check
 * character does not fit, or it has a U; undefined if it does not have the shape of a code. Case, width, spaces, dashes and the
 * number of the line do not matter; O is read as 0, I and L as 1.
 */
export function readRecoveryCode(typed: string): { code: string } | "typo" | undefined {
  if (typed.length > MAX_TYPED_RECOVERY_CODE) return undefined;
  const bare = narrow(typed).replace(BETWEEN, "").replace(LIST_NUMBER, "");
  // Before toUpperCase(), which makes ASCII of other letters (ſ becomes S) and two letters of one (ß, ﬁ).
  if (!/^[0-9A-Za-z]{17}$/.test(bare)) return undefined;
  const code = bare.toUpperCase().replaceAll("O", "0").replace(/[IL]/g, "1");
  const symbols = [...code].map((symbol) => ALPHABET.indexOf(symbol));
  return symbols.includes(-1) || weightedSum(symbols) !== 0 ? "typo" : { code };
}

/** Folds full-width characters, which East Asian keyboards type, to ASCII. */
function narrow(typed: string): string {
  return typed.replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0));
}

/**
 * The symbols, as elements of GF(32), weighted with 1 for the last, α for the one before it, up to α^16 for
 * the first of 17; the check character makes the sum zero. No weight is zero, so every single wrong symbol
 * changes it; no two weights are equal, since α has order 31, so every swap of two different symbols changes
 * it too, neighbours or not, the check character included. (A sum modulo 32 could not do both.)
 */
function weightedSum(symbols: readonly number[]): number {
  return symbols.reduce((sum, symbol) => timesAlpha(sum) ^ symbol, 0);
}

/** The product with α, a root of the primitive polynomial x^5 + x^2 + 1. */
function timesAlpha(element: number): number {
  return element & 0b10000 ? (element << 1) ^ 0b100101 : element << 1;
}
