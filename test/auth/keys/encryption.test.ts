/** Sealing and keys: what opens, what does not, and what the database can tell a thief. */
import { describe, expect, it } from "vitest";
import { createKeyring, SealError } from "../../../src/auth/keys/encryption.js";
import { randomBytes } from "../../support/random.js";

const OLD = "old ".repeat(10);
const NEW = "new ".repeat(10);
const secret = randomBytes(20);
const iv = () => randomBytes(12);

describe("a sealed secret", () => {
  it("opens in its own context only", () => {
    const keys = createKeyring([NEW]);
    const sealed = keys.seal(secret, "totp alice phone", iv());
    expect(Buffer.from(keys.open(sealed, "totp alice phone"))).toEqual(secret);
    expect(() => keys.open(sealed, "totp mallory phone")).toThrow(SealError);
    expect(() => keys.open(sealed, "totp alice tablet")).toThrow(SealError);
  });

  it("does not open when any of its characters was changed", () => {
    const keys = createKeyring([NEW]);
    const sealed = keys.seal(secret, "context", iv());
    for (let i = 0; i < sealed.length - 1; i++) {
      const changed = sealed.slice(0, i) + (sealed[i] === "A" ? "B" : "A") + sealed.slice(i + 1);
      expect(() => keys.open(changed, "context")).toThrow(SealError);
    }
    expect(() => keys.open(sealed.slice(0, 12), "context")).toThrow(SealError);
    expect(() => keys.open("", "context")).toThrow(SealError);
  });

  it("opens with an older key while that is listed, and is sealed again with the newest", () => {
    const sealed = createKeyring([OLD]).seal(secret, "context", iv());
    const both = createKeyring([NEW, OLD]);
    expect(Buffer.from(both.open(sealed, "context"))).toEqual(secret);
    const reencrypted = both.seal(secret, "context", iv());
    expect(Buffer.from(createKeyring([NEW]).open(reencrypted, "context"))).toEqual(secret);
    expect(() => createKeyring([NEW]).open(sealed, "context")).toThrow(/not among APP_SECRETS/);
  });

  it("names its key in the first eight characters, without revealing it", () => {
    const keys = createKeyring([NEW]);
    const name = keys.seal(secret, "context", iv()).slice(0, 8);
    expect(keys.holds(name)).toBe(true);
    expect(createKeyring([OLD]).holds(name)).toBe(false);
  });

  it("never looks the same twice", () => {
    const keys = createKeyring([NEW]);
    expect(keys.seal(secret, "context", iv())).not.toBe(keys.seal(secret, "context", iv()));
  });
});

describe("a signature", () => {
  const keys = createKeyring([NEW]);
  const signature = keys.sign("device cookie", "alice 1 browser");

  it("holds for its text and its purpose only", () => {
    expect(keys.isSigned("device cookie", "alice 1 browser", signature)).toBe(true);
    expect(keys.isSigned("device cookie", "mallory 1 browser", signature)).toBe(false);
    expect(keys.isSigned("device cookie", "alice 2 browser", signature)).toBe(false);
    expect(keys.isSigned("something else", "alice 1 browser", signature)).toBe(false);
  });

  it("does not hold when any of its characters was changed", () => {
    // The last character carries two bits that belong to no byte, and so says less than the others.
    for (let i = 0; i < signature.length - 1; i++) {
      const changed = signature.slice(0, i) + (signature[i] === "A" ? "B" : "A") + signature.slice(i + 1);
      expect(keys.isSigned("device cookie", "alice 1 browser", changed)).toBe(false);
    }
  });

  it.each(["", "A", signature.slice(0, -2), `${signature}AAAA`, "not base64 at all", "\0"])(
    "refuses anything else that a browser may send: %j",
    (sent) => {
      expect(keys.isSigned("device cookie", "alice 1 browser", sent)).toBe(false);
    },
  );

  it("holds while its key is listed, and no longer", () => {
    const old = createKeyring([OLD]).sign("device cookie", "alice 1 browser");
    expect(createKeyring([NEW, OLD]).isSigned("device cookie", "alice 1 browser", old)).toBe(true);
    expect(createKeyring([NEW]).isSigned("device cookie", "alice 1 browser", old)).toBe(false);
  });

  it("is made with the newest key", () => {
    const both = createKeyring([NEW, OLD]).sign("device cookie", "alice 1 browser");
    expect(keys.isSigned("device cookie", "alice 1 browser", both)).toBe(true);
    expect(createKeyring([OLD]).isSigned("device cookie", "alice 1 browser", both)).toBe(false);
  });

  it("shares no key with cookies", () => {
    expect(keys.cookieSecrets).not.toContain(keys.sign("", ""));
  });
});
