/** Decodes text that must be UTF-8. Tests: test/config/dotenv.test.ts, test/security/password-bytes.test.ts */

/** The text without its BOM; undefined for any other encoding. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  // UTF-16 has a NUL beside each ASCII letter; without a BOM such a text would decode as valid UTF-8.
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
