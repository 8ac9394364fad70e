/** Encodes and decodes secrets as text: base32, which people can type into an app, and hex. */

/** The alphabet of RFC 4648 §6: no 0, 1 or 8, which look like letters. */
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** A text that is no base32 secret. The message says why and never repeats the text, which may be a secret. */
export class InvalidSecretError extends Error {
  override readonly name = "InvalidSecretError";
}

/** Bytes as base32 (RFC 4648 §6), upper-case, without padding, as authenticator apps expect it. */
export function toBase32(bytes: Uint8Array): string {
  let text = "";
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xfff; // at most 4 bits were pending
    for (bits += 8; bits >= 5; bits -= 5) text += letter(buffer >>> (bits - 5));
  }
  return bits > 0 ? text + letter(buffer << (5 - bits)) : text;
}

function letter(value: number): string {
  return ALPHABET.charAt(value & 31);
}

/**
 * The bytes of a base32 secret, as a person may type it: case, spaces, hyphens and padding do not matter, nor do
 * the unused bits of the last letter (RFC 4648 §3.5 leaves that to us; oathtool and PyOTP ignore them too).
 * @throws InvalidSecretError for any other character, a length that no bytes can have, or an empty text
 */
export function fromBase32(text: string): Uint8Array {
  const letters = text.replace(/[\s-]/g, "").replace(/=+$/, "");
  if (letters === "") throw new InvalidSecretError("The secret is empty.");
  if (/[^A-Za-z2-7]/.test(letters)) {
    throw new InvalidSecretError(
      "The secret is not base32, which has only the letters A to Z and the digits 2 to 7.",
    );
  }
  if ([1, 3, 6].includes(letters.length % 8)) {
    throw new InvalidSecretError(
      "The secret is not base32: a character is missing or there is one too many.",
    );
  }
  const bytes = new Uint8Array(Math.floor((letters.length * 5) / 8));
  let buffer = 0;
  let bits = 0;
  let length = 0;
  for (const character of letters.toUpperCase()) {
    buffer = ((buffer << 5) | ALPHABET.indexOf(character)) & 0xfff; // at most 7 bits were pending
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[length++] = buffer >>> bits;
    }
  }
  return bytes;
}

/** Bytes as lower-case hex, two digits each. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
