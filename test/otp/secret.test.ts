/** Secrets as text: base32 as people type it, and hex. */
import { describe, expect, it } from "vitest";
import { fromBase32, InvalidSecretError, toBase32, toHex } from "../../src/otp/index.js";
import fc from "../support/properties.js";

const utf8 = (text: string) => new TextEncoder().encode(text);

/** RFC 4648 §10, padding left out. */
const RFC_4648 = [
  ["f", "MY"],
  ["fo", "MZXQ"],
  ["foo", "MZXW6"],
  ["foob", "MZXW6YQ"],
  ["fooba", "MZXW6YTB"],
  ["foobar", "MZXW6YTBOI"],
] as const;

describe("base32", () => {
  it.each(RFC_4648)("writes %j as %s and reads it back, as RFC 4648 says", (text, base32) => {
    expect(toBase32(utf8(text))).toBe(base32);
    expect(fromBase32(base32)).toEqual(utf8(text));
  });

  it("reads back every secret that it wrote", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (bytes) => {
        const text = toBase32(bytes);
        expect(text).toMatch(/^[A-Z2-7]+$/);
        expect(fromBase32(text)).toEqual(bytes);
      }),
    );
  });

  it.each([
    "mzxw6ytboi",
    "MZXW 6YTB OI",
    "mzxw-6ytb-oi",
    " MZXW6YTBOI\n",
    "MZXW6YTBOI======",
    "MZXW6YTB OI==",
  ])("reads %j, as a person may type it", (text) => {
    expect(fromBase32(text)).toEqual(utf8("foobar"));
  });

  it("ignores the bits of the last letter that belong to no byte, as oathtool does", () => {
    expect(fromBase32("MZ")).toEqual(fromBase32("MY"));
  });

  it.each([
    "",
    " ",
    "-",
    "====",
    "0",
    "MZXW1",
    "MZ=XW6",
    "MZXW6YTBOI.",
    "ΜΖΧW6",
    "ﬆ",
    "ſs",
    "ıi",
    "mzxw\u00006",
  ])("refuses %j", (text) => {
    expect(() => fromBase32(text)).toThrow(InvalidSecretError);
  });

  it.each(["M", "MZX", "MZXW6Y", "MZXW6YTBO"])("refuses %j, a length that no bytes have", (text) => {
    expect(() => fromBase32(text)).toThrow(InvalidSecretError);
  });

  it("either gives bytes or refuses with InvalidSecretError, whatever the text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[a-z2-7 =-]*$/)), (text) => {
        try {
          expect(fromBase32(text).length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidSecretError);
        }
      }),
    );
  });

  it("never repeats the text in its refusal, for it may be a secret", () => {
    for (const text of ["SESAME01", "SESAMEX", ""]) {
      expect(() => fromBase32(`${text}SESAME1`)).toThrow(expect.not.stringContaining("SESAME"));
    }
  });
});

describe("hex", () => {
  it("writes two lower-case digits a byte", () => {
    expect(toHex(Uint8Array.of(0, 10, 255))).toBe("000aff");
  });
});
