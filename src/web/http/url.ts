/**
 * The only file of web/ that parses URLs. It never parses one above the length limit (limit before cost).
 * Tests: test/security/hostile-addresses.test.ts
 */

/** The limit of a whole address, percent-encoded: browsers and proxies carry as much without trouble. */
export const MAX_URL_BYTES = 4_000;

/**
 * Whether an address is above the limit, in bytes as a browser would send it. Stops counting at the limit and allocates nothing,
 * so a long one costs no more than a short one.
 */
export function isTooLong(text: string): boolean {
  if (text.length > MAX_URL_BYTES) return true;
  let bytes = 0;
  for (let at = 0; at < text.length && bytes <= MAX_URL_BYTES; at++) {
    const code = text.codePointAt(at) ?? 0;
    // Percent-encoding takes three characters (`%E3`) for each byte of UTF-8; a lone surrogate is sent as U+FFFD.
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

/** Undefined for text that is no address, or above the limit: the parser needs 30 ms for a host of 5,000 Chinese characters. */
export function parseUrl(text: string, base?: string): URL | undefined {
  if (isTooLong(text)) return undefined;
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}

/**
 * Percent-encodes raw bytes in a header. Node passes each byte on as one character (Latin-1), so UTF-8 arrives as several;
 * encoded one by one, they are the bytes that the browser sent.
 */
export function percentEncoded(header: string): string {
  return header.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
}
