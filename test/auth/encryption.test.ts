/** Sealing and keys: what opens, what does not, and what the database can tell a thief. */
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createKeyring, SealError } from "../../src/auth/encryption.js";

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

  it("does not open once any of its characters was changed", () => {
    const keys = createKeyring([NEW]);
    const sealed = keys.seal(secret, "context", iv());
    for (let i = 0; i < sealed.length - 1; i++) {
      const changed = sealed.slice(0, i) + (sealed[i] === "A" ? "B" : "A") + sealed.slice(i + 1);
      expect(() => keys.open(changed, "context")).toThrow(SealError);
    }
    expect(() => keys.open(sealed.slice(0, 12), "context")).toThrow(SealError);
    expect(() => keys.open("", "context")).toThrow(SealError);
  });

  it("opens with an older key that is still listed, and seals with the newest", () => {
    const sealed = createKeyring([OLD]).seal(secret, "context", iv());
    const both = createKeyring([NEW, OLD]);
    expect(Buffer.from(both.open(sealed, "context"))).toEqual(secret);
    const resealed = both.seal(secret, "context", iv());
    expect(Buffer.from(createKeyring([NEW]).open(resealed, "context"))).toEqual(secret);
    expect(() => createKeyring([NEW]).open(sealed, "context")).toThrow(/not among APP_SECRETS/);
  });

  it("names its key in the first eight characters, without telling it", () => {
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

describe("a fingerprint", () => {
  it("is the same for the same value, and differs by purpose and by key", () => {
    const keys = createKeyring([NEW]);
    expect(keys.fingerprint("name", "alice")).toBe(keys.fingerprint("name", "alice"));
    expect(keys.fingerprint("name", "alice")).not.toBe(keys.fingerprint("address", "alice"));
    expect(keys.fingerprint("name", "alice")).not.toBe(createKeyring([OLD]).fingerprint("name", "alice"));
  });
});
