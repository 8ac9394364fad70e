/** Parses addresses, the only file of web/ that does: none is looked at that is longer than the bound (rule: limit before cost). */

/** Of a whole address, once every character beyond ASCII is percent-encoded: what browsers and proxies carry without trouble. */
export const MAX_URL_BYTES = 4_000;

/**
 * Whether an address is longer than the bound, in bytes as a browser would send it. Stops counting at the bound and builds
 * nothing, so that a long one costs no more than a short one.
 */
export function isTooLong(text: string): boolean {
  if (text.length > MAX_URL_BYTES) return true;
  let bytes = 0;
  for (let at = 0; at < text.length && bytes <= MAX_URL_BYTES; at++) {
    const code = text.codePointAt(at) ?? 0;
    // `%E3` for each byte of UTF-8; half a surrogate pair is sent as U+FFFD.
    if (code < 0x80) bytes += 1;
    else if (code < 0x8_00) bytes += 6;
    else if (code < 0x1_00_00) bytes += 9;
    else {
      bytes += 12;
      at += 1;
    }
  }
  return bytes > MAX_URL_BYTES;
}

/** Undefined for what is no address, or a longer one than the bound: the parser needs 30 ms for a host of 5,000 Chinese characters. */
export function parseUrl(text: string, base?: string): URL | undefined {
  if (isTooLong(text)) return undefined;
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}

/**
 * What stood raw in a header, as an address has it. Node hands bytes over as characters of their number, so that
 * UTF-8 arrives as two or three of them; percent-encoded one by one, they are the bytes that the browser meant.
 */
export function percentEncoded(header: string): string {
  return header.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
}
