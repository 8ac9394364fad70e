/** TOTP secrets of other systems: which are taken, and why the others are not. */

import { describe, expect, it } from "vitest";
import { readTotpSecret } from "../../src/auth/operator/totp-secret.js";
import { fromBase32, toBase32 } from "../../src/otp/index.js";
import fc from "../support/properties.js";

const SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const URI = `otpauth://totp/Old%20Place:alice?secret=${SECRET}&issuer=Old%20Place`;

describe("an imported TOTP secret", () => {
  it.each([
    ["base32", SECRET, null],
    ["base32 in lower case, in groups", "jbsw y3dp ehpk 3pxp jbsw-y3dp-ehpk-3pxp", null],
    ["base32 with padding and blanks around", ` ${SECRET}====\n`, null],
    ["a key URI", URI, "alice"],
    ["a key URI with every standard parameter", `${URI}&algorithm=SHA1&digits=6&period=30`, "alice"],
    ["a key URI that writes SHA-1 otherwise", `${URI}&algorithm=HmacSHA1`, "alice"],
    ["a key URI with a logo", `${URI}&image=https%3A%2F%2Fexample.com%2Flogo.png`, "alice"],
    ["a key URI in capitals", `OTPAUTH://TOTP/alice?secret=${SECRET.toLowerCase()}`, "alice"],
    [
      "a label with an encoded colon",
      `otpauth://totp/Place%3A%20anna%40example.org?secret=${SECRET}`,
      "anna@example.org",
    ],
    ["a label that is broken", `otpauth://totp/%E0%A4%A?secret=${SECRET}`, null],
    ["no label", `otpauth://totp/?secret=${SECRET}`, null],
    ["an issuer alone", `otpauth://totp/Place:?secret=${SECRET}`, null],
    ["a label with characters that cannot be seen", `otpauth://totp/a%00%E2%80%AEb?secret=${SECRET}`, "a b"],
    ["a very long label", `otpauth://totp/${"é".repeat(100)}?secret=${SECRET}`, "é".repeat(64)],
  ])("is taken from %s", (_what, given, label) => {
    expect(readTotpSecret(given)).toEqual({ secret: fromBase32(SECRET), label });
  });

  it.each([10, 16, 20, 32, 64])("is taken when it has %i bytes", (bytes) => {
    const secret = new Uint8Array(bytes).fill(7);
    expect(readTotpSecret(toBase32(secret))).toEqual({ secret, label: null });
  });

  it.each([
    ["nine bytes", toBase32(new Uint8Array(9)), /9 bytes/],
    ["65 bytes", toBase32(new Uint8Array(65)), /65 bytes/],
    ["no letters", "", /empty/],
    ["letters that are not base32", `${SECRET}18`, /not base32/],
    ["a letter too many", `${SECRET}A`, /one too many/],
    ["8 digits", `${URI}&digits=8`, /8 digits/],
    ["an absurd number of digits", `${URI}&digits=${"9".repeat(99)}`, /another number of digits/],
    ["SHA-256", `${URI}&algorithm=SHA256`, /SHA-256/],
    ["SHA-512, written otherwise", `${URI}&algorithm=sha-512`, /SHA-512/],
    ["another hash", `${URI}&algorithm=${SECRET}`, /another hash/],
    ["60 seconds", `${URI}&period=60`, /60 seconds/],
    ["a counter", URI.replace("totp", "hotp"), /HOTP/],
    ["Steam's letters", `${URI}&encoder=steam`, /not plain digits/],
    ["another kind of key URI", URI.replace("totp", "steam"), /not one of TOTP/],
    ["a broken key URI", `otpauth://[/${SECRET}`, /not one of TOTP/],
    ["a key URI without a secret", "otpauth://totp/alice?issuer=Place", /no secret/],
    ["two secrets", `${URI}&secret=${SECRET}`, /two values of secret/],
    ["too long a text", SECRET.repeat(1_000), /too long/],
    ["a number", 123_456, /not a text/],
    ["nothing", null, /not a text/],
    ["an object", { secret: SECRET }, /not a text/],
  ])("is refused in words for %s", (_what, given, sentence) => {
    const read = readTotpSecret(given);
    expect(read).toEqual({ problem: expect.stringMatching(sentence) });
    expect(JSON.stringify(read)).not.toContain(SECRET.slice(0, 6));
  });

  it("is read or refused, never thrown at, whatever the text", () => {
    const parts = fc.constantFrom(
      "otpauth://totp/",
      "?secret=",
      "&",
      "%",
      ":",
      SECRET,
      "digits=6",
      "\0",
      "\ud800",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(parts, fc.string()), { maxLength: 12 }), (texts) => {
        const read = readTotpSecret(texts.join(""));
        expect("problem" in read || read.secret.length >= 10).toBe(true);
      }),
    );
  });
});
