/** Hashes of other systems that are broken, or would cost too much: refused without being paid for, whatever they are. */
import { hash as argon2, hashRaw, verify as verifyArgon2 } from "@node-rs/argon2";
import { verify as verifyBcrypt } from "@node-rs/bcrypt";
import { describe, expect, it, vi } from "vitest";
import { readForeignHash, storedForeignHash } from "../../../src/auth/passwords/foreign-hashes.js";
import { FOREIGN_HASHES } from "../../support/foreign-hashes.js";
import fc from "../../support/properties.js";

vi.mock("@node-rs/bcrypt", () => ({ verify: vi.fn() }));
vi.mock("@node-rs/argon2", () => ({ hash: vi.fn(), hashRaw: vi.fn(), verify: vi.fn() }));

/** Reads it as an import does and as a sign-in does, and says whether anything would take it. Nothing may be paid. */
function isTaken(given: unknown): boolean {
  const read = readForeignHash(given as string);
  const isStored = typeof given === "string" && storedForeignHash(given) !== undefined;
  for (const paid of [argon2, hashRaw, verifyArgon2, verifyBcrypt]) expect(paid).not.toHaveBeenCalled();
  if ("problem" in read) expect(read.problem).toMatch(/^[A-Z].*\.$/);
  return isStored || !("problem" in read);
}

const BCRYPT = "CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
const KEY = "A".repeat(43);
const HEX = "ab".repeat(64);

describe("a hash that costs too much", () => {
  it.each([
    ["bcrypt at 15", `$2b$15$${BCRYPT}`],
    ["bcrypt at 31", `$2y$31$${BCRYPT}`],
    ["bcrypt at 999", `$2y$999$${BCRYPT}`],
    ["argon2id with more than 256 MiB", `$argon2id$v=19$m=262145,t=1,p=1$c29tZXNhbHQ$${KEY}`],
    ["argon2id with the most memory", `$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$${KEY}`],
    ["argon2i with eleven passes", `$argon2i$v=19$m=65536,t=11,p=1$c29tZXNhbHQ$${KEY}`],
    ["argon2id with 65 lanes", `$argon2id$v=19$m=65536,t=1,p=65$c29tZXNhbHQ$${KEY}`],
    ["scrypt with 512 MiB", `$scrypt$ln=19,r=8,p=1$c29tZXNhbHQ$${KEY}`],
    ["scrypt with an exponent of 999", `$scrypt$ln=999,r=8,p=1$c29tZXNhbHQ$${KEY}`],
    ["scrypt with many lanes", `$scrypt$ln=16,r=8,p=5$c29tZXNhbHQ$${KEY}`],
    ["scrypt with large blocks", `$scrypt$ln=10,r=999999999,p=1$c29tZXNhbHQ$${KEY}`],
    ["Django's PBKDF2", `pbkdf2_sha256$2000001$seasalt$${KEY}=`],
    ["PBKDF2", `$pbkdf2-sha512$2000001$c29tZXNhbHQ$${KEY}`],
    [
      "PBKDF2 with a number that is too long to read",
      `$pbkdf2-sha512$20000000000000000000$c29tZXNhbHQ$${KEY}`,
    ],
    ["phpass with 2 to the power of 30", "$P$SIQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0"],
  ])("is refused without paying: %s", (_what, given) => {
    expect(isTaken(given)).toBe(false);
  });

  it("is refused in a credential of Keycloak's", () => {
    const secretData = JSON.stringify({ value: KEY, salt: "c29tZXNhbHQ=" });
    const credential = (how: object) => ({ secretData, credentialData: JSON.stringify(how) });
    const argon2 = (parameters: object) => ({
      algorithm: "argon2",
      hashIterations: 5,
      additionalParameters: {
        memory: ["7168"],
        type: ["id"],
        version: ["1.3"],
        parallelism: ["1"],
        ...parameters,
      },
    });
    expect(isTaken(credential(argon2({})))).toBe(true);
    expect(isTaken(credential(argon2({ memory: ["999999999"] })))).toBe(false);
    expect(isTaken(credential({ ...argon2({}), hashIterations: 11 }))).toBe(false);
    expect(isTaken(credential({ algorithm: "pbkdf2-sha256", hashIterations: 2_000_001 }))).toBe(false);
    expect(isTaken(credential({ algorithm: "pbkdf2-sha256", hashIterations: 1e300 }))).toBe(false);
  });
});

describe("a hash at the bound of its cost", () => {
  it.each([
    ["bcrypt", `$2b$14$${BCRYPT}`],
    ["argon2id", `$argon2id$v=19$m=262144,t=10,p=64$c29tZXNhbHQ$${KEY}`],
    ["scrypt", `$scrypt$ln=18,r=8,p=1$c29tZXNhbHQ$${KEY}`],
    ["Django's PBKDF2", `pbkdf2_sha256$2000000$seasalt$${KEY}=`],
    ["PBKDF2", `$pbkdf2-sha512$2000000$c29tZXNhbHQ$${KEY}`],
  ])("is taken: %s", (_what, given) => {
    expect(isTaken(given)).toBe(true);
  });
});

describe("a broken hash", () => {
  it.each([
    ["nothing", ""],
    ["a password", "hunter2"],
    ["a plain SHA-256", "a".repeat(64)],
    ["a salted SHA-1", "{SSHA}VBPuJHI7uixaa6LQGWx4s+5GKNE="],
    ["sha512-crypt", `$6$rounds=500000$salt$${"a".repeat(86)}`],
    ["the faulty bcrypt", `$2x$10$${BCRYPT}`],
    ["bcrypt that is too short", `$2b$10$${BCRYPT.slice(1)}`],
    ["bcrypt that is too long", `$2b$10$${BCRYPT}A`],
    ["bcrypt with a newline", `$2b$10$${BCRYPT}\n`],
    ["bcrypt with a letter of another alphabet", `$2b$10$+${BCRYPT.slice(1)}`],
    ["bcrypt at cost 3", `$2b$03$${BCRYPT}`],
    ["bcrypt with a signed cost", `$2b$+4$${BCRYPT}`],
    ["argon2d", `$argon2d$v=19$m=65536,t=1,p=1$c29tZXNhbHQ$${KEY}`],
    ["argon2id of another version", `$argon2id$v=18$m=65536,t=1,p=1$c29tZXNhbHQ$${KEY}`],
    ["argon2id without a pass", `$argon2id$v=19$m=65536,t=0,p=1$c29tZXNhbHQ$${KEY}`],
    ["argon2id without a lane", `$argon2id$v=19$m=65536,t=1,p=0$c29tZXNhbHQ$${KEY}`],
    ["argon2id with less memory than its lanes need", `$argon2id$v=19$m=8,t=1,p=2$c29tZXNhbHQ$${KEY}`],
    ["argon2id with a short salt", `$argon2id$v=19$m=65536,t=1,p=1$c29t$${KEY}`],
    ["argon2id with a key of three bytes", "$argon2id$v=19$m=65536,t=1,p=1$c29tZXNhbHQ$AAAA"],
    ["our own argon2id, cut short", `$argon2id$v=19$m=19456,t=2,p=1$${"A".repeat(22)}$AAAA`],
    ["scrypt without a round", `$scrypt$ln=0,r=8,p=1$c29tZXNhbHQ$${KEY}`],
    ["scrypt without a block", `$scrypt$ln=4,r=0,p=1$c29tZXNhbHQ$${KEY}`],
    ["scrypt without a lane", `$scrypt$ln=4,r=8,p=0$c29tZXNhbHQ$${KEY}`],
    ["scrypt with more rounds than its block permits", `$scrypt$ln=16,r=1,p=1$c29tZXNhbHQ$${KEY}`],
    ["scrypt with broken base64", `$scrypt$ln=4,r=8,p=1$c29tZXNhbHQ$${KEY.slice(1)}!`],
    ["better-auth's with a short key", `${"ab".repeat(16)}:${HEX.slice(2)}`],
    ["better-auth's with a short salt", `abcd:${HEX}`],
    ["better-auth's without a salt", `:${HEX}`],
    ["Django's without a round", `pbkdf2_sha256$0$seasalt$${KEY}=`],
    ["Django's without a salt", `pbkdf2_sha256$10$$${KEY}=`],
    ["Django's with a short key", `pbkdf2_sha256$10$seasalt$${KEY.slice(4)}=`],
    ["Django's with a NUL in its salt", `pbkdf2_sha256$10$sea\0salt$${KEY}=`],
    ["Django's mark for no password", "!kDRzHlPNBvLVyEkXxXdsRYBNGYJVGsWUUb0Ml4wZ"],
    ["PBKDF2 with bits left over", `$pbkdf2-sha256$10$c29tZXNhbHQ$${KEY.slice(1)}B`],
    ["PBKDF2 with a key of twelve bytes", "$pbkdf2-sha256$10$c29tZXNhbHQ$AAAAAAAAAAAAAAAA"],
    ["PBKDF2 with MD5", `$pbkdf2-md5$10$c29tZXNhbHQ$${KEY}`],
    ["a SHA-1 of 19 bytes", "{SHA}VBPuJHI7uixaa6LQGWx4s+5GKA=="],
    ["apr1 without a salt", "$apr1$$HqJZimcKQFAMYayBlzkrA/"],
    ["apr1 cut short", "$apr1$r31.....$HqJZimcKQFAMYayBlzkrA"],
    ["phpass cut short", "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L"],
    ["phpass without rounds", "$P$.IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0"],
    ["a megabyte", "$2b$10$".padEnd(2 ** 20, "a")],
    ["a megabyte of dollars", "$".repeat(2 ** 20)],
  ])("is refused: %s", (_what, given) => {
    expect(isTaken(given)).toBe(false);
  });

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["a number", 5],
    ["a list", ["$2b$10$"]],
    ["an empty object", {}],
    ["half of a credential", { secretData: "{}" }],
    ["a credential of nothing", { secretData: "", credentialData: "" }],
    ["a credential of empty objects", { secretData: "{}", credentialData: "{}" }],
    ["a credential of null", { secretData: "null", credentialData: "null" }],
    [
      "a credential of other types",
      { secretData: '{"value":{},"salt":[]}', credentialData: '{"algorithm":5}' },
    ],
    [
      "a credential of an unknown kind",
      {
        secretData: `{"value":"${KEY}=","salt":"c29tZXNhbHQ="}`,
        credentialData: '{"algorithm":"__proto__","hashIterations":1}',
      },
    ],
    ["a credential of a megabyte", { secretData: "[".repeat(2 ** 20), credentialData: "{}" }],
  ])("is refused where it is no text: %s", (_what, given) => {
    expect(isTaken(given)).toBe(false);
  });

  it("is a problem or a hash, whatever is changed in a right one, and never a throw", () => {
    const right = FOREIGN_HASHES.map(([, , given]) => given);
    const parts = [
      "$",
      ":",
      "=",
      ",",
      "\0",
      "\n",
      "9",
      "-",
      ".",
      "{",
      "\u00e9",
      "\ud800",
      "999999999999",
      "A",
    ];
    const change = fc.tuple(fc.nat(250), fc.nat(3), fc.constantFrom(...parts));
    fc.assert(
      fc.property(
        fc.constantFrom(...right),
        fc.array(change, { minLength: 1, maxLength: 3 }),
        (given, changes) => {
          const changed = (text: string) =>
            changes.reduce((at, [from, cut, put]) => at.slice(0, from) + put + at.slice(from + cut), text);
          if (typeof given === "string") isTaken(changed(given));
          else {
            isTaken({ ...given, secretData: changed(given.secretData) });
            isTaken({ ...given, credentialData: changed(given.credentialData) });
          }
        },
      ),
    );
  });

  it("is a problem, whatever it is", () => {
    fc.assert(fc.property(fc.anything({ maxDepth: 2 }), (given) => void expect(isTaken(given)).toBe(false)));
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), (given) => void isTaken(given)));
  });
});
