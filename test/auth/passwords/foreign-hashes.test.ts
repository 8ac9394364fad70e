/** Hashes of other systems: each kind, as the real programs write it, matches its password and no other. */
import { describe, expect, it } from "vitest";
import { isOwnHash } from "../../../src/auth/passwords/argon2id.js";
import {
  costOf,
  readForeignHash,
  storedForeignHash,
  verifyForeign,
} from "../../../src/auth/passwords/foreign-hashes.js";
import { apr1, phpass } from "../../../src/auth/passwords/md5-crypt.js";
import { FOREIGN_HASHES } from "../../support/foreign-hashes.js";

type Given = Parameters<typeof readForeignHash>[0];

async function taken(given: Given) {
  const read = readForeignHash(given);
  if ("problem" in read) throw new Error(read.problem);
  return { stored: await read.toStored(), cost: read.cost };
}

async function matches(stored: string, typed: string) {
  const hash = storedForeignHash(stored);
  return hash !== undefined && verifyForeign(hash, { typed, password: typed.normalize("NFC") });
}

describe("a hash of another system", () => {
  it.each(FOREIGN_HASHES)("of %s matches its password and no other", async (_from, password, given) => {
    const { stored, cost } = await taken(given);
    expect(cost).toBeGreaterThan(0);
    expect(await matches(stored, password)).toBe(true);
    expect(await matches(stored, password.slice(1))).toBe(false);
    expect(await matches(stored, "")).toBe(false);
  });

  it("matches what was typed decomposed, whichever form its system hashed", async () => {
    const ofComposed = "pbkdf2_sha256$20000$seasalt$oBSd886ysm3AqYun62DOdin8YcfbU1z9cksZSuLP9r0=";
    const { stored } = await taken(ofComposed);
    expect(await matches(stored, "le\u0300tmein")).toBe(true);
    expect(await matches(stored, "l\u00e8tmein")).toBe(true);
    // As a keyboard that types decomposed sent it to Django: pbkdf2_sha256 with one round, salt "seasalt".
    const ofDecomposed = "pbkdf2_sha256$1$seasalt$XPlB5Vk89zGVErW6+uWozwibO3fGyZH71gCpVnzQ5n8=";
    const again = await taken(ofDecomposed);
    expect(await matches(again.stored, "le\u0300tmein")).toBe(true);
    expect(await matches(again.stored, "l\u00e8tmein")).toBe(false);
  });

  it("costs what its scheme and its numbers say", async () => {
    const cost = (given: string) => {
      const hash = storedForeignHash(given);
      return hash && costOf(hash);
    };
    const bcrypt = (exponent: number) =>
      cost(`$2b$${String(exponent).padStart(2, "0")}$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW`);
    expect(bcrypt(12)).toBeGreaterThan(150);
    expect(bcrypt(13)).toBeGreaterThan(1.9 * (bcrypt(12) ?? 0));
  });
});

describe("a fast hash", () => {
  it.each([
    ["phpass", async (password: string) => `$P$5saltsalt${await phpass(password, "saltsalt", 128)}`],
    ["apr1", async (password: string) => `$apr1$saltsalt$${await apr1(password, "saltsalt")}`],
  ] as const)("of %s matches no password that is long enough to show by its time", async (_scheme, make) => {
    for (const [length, isRight] of [
      [1_024, true],
      [1_025, false],
    ] as const) {
      const password = "x".repeat(length);
      expect(await matches((await taken(await make(password))).stored, password)).toBe(isRight);
    }
  });

  const FAST = FOREIGN_HASHES.filter(([from]) => /htpasswd|phpass/.test(from));

  it.each(FAST)("of %s is stored as an argon2id of it, and not itself", async (_from, _password, given) => {
    const { stored } = await taken(given);
    const digest = String(given).slice(-20);
    expect(stored).not.toContain(digest);
    expect(stored).toContain("$argon2id$v=19$m=19456,t=2,p=1$");
    expect(isOwnHash(stored)).toBe(false);
    // Nobody brings a wrapped one from outside, and none counts that was stored as it is.
    expect(readForeignHash(stored)).toHaveProperty("problem");
    expect(storedForeignHash(String(given))).toBeUndefined();
  });
});

describe("a hash of our own", () => {
  it("is stored as it is, and is no other system's", async () => {
    const own = `$argon2id$v=19$m=19456,t=2,p=1$${"A".repeat(22)}$${"A".repeat(43)}`;
    expect(await taken(own)).toEqual({ stored: own, cost: null });
    expect(storedForeignHash(own)).toBeUndefined();
  });
});
