/** The key URI, which a QR code carries to an authenticator app. */
import { describe, expect, it } from "vitest";
import { InvalidSecretError, keyUri } from "../../src/otp/index.js";
import fc from "../support/properties.js";

const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const names = fc.string({ unit: "grapheme", minLength: 1 }).filter((name) => !name.includes(":"));

describe("the key URI", () => {
  it("names issuer, username and secret, and no setting that every app assumes anyway", () => {
    expect(keyUri({ issuer: "Latchkey", username: "ada", secret })).toBe(
      `otpauth://totp/Latchkey:ada?secret=${secret}&issuer=Latchkey`,
    );
  });

  it("names algorithm, digits and period when they are unusual", () => {
    const parameters = { algorithm: "SHA256", digits: 8, period: 60 } as const;
    const uri = keyUri({ issuer: "Latchkey", username: "ada", secret, parameters });
    expect(uri).toMatch(/&algorithm=SHA256&digits=8&period=60$/);
  });

  it("carries every issuer and username through its encoding", () => {
    fc.assert(
      fc.property(names, names, (issuer, username) => {
        const uri = new URL(keyUri({ issuer, username, secret }));
        expect(uri.protocol + uri.host).toBe("otpauth:totp");
        expect(uri.pathname.slice(1).split(":").map(decodeURIComponent)).toEqual([issuer, username]);
        expect(Object.fromEntries(uri.searchParams)).toEqual({ secret, issuer });
      }),
    );
  });

  it("writes a space as %20, for apps that show a plus sign as it is", () => {
    const uri = keyUri({ issuer: "Our Site", username: "ada", secret });
    expect(uri).toContain("/Our%20Site:ada?");
    expect(uri).toContain("issuer=Our%20Site");
  });

  it("writes the secret upper-case, without spaces or padding", () => {
    expect(keyUri({ issuer: "A", username: "b", secret: "mzxw 6ytb oi======" })).toContain(
      "secret=MZXW6YTBOI&",
    );
  });

  it.each([
    { issuer: "Latch:key", username: "ada" },
    { issuer: "Latchkey", username: "a:da" },
    { issuer: "", username: "ada" },
    { issuer: "Latchkey", username: "" },
  ])("refuses $issuer and $username: a colon parts the two, and neither may be empty", (label) => {
    expect(() => keyUri({ ...label, secret })).toThrow(/colon|empty/);
  });

  it("refuses a secret that is not base32", () => {
    expect(() => keyUri({ issuer: "Latchkey", username: "ada", secret: "0" })).toThrow(InvalidSecretError);
  });
});
