/**
 * The formats of other systems' password hashes: reads a text, and refuses what is broken or would cost too much, before anything
 * is paid.
 * Tests: test/auth/passwords/foreign-hashes.test.ts, test/auth/passwords/foreign-hashes-broken.test.ts
 */
import { MAX_FOREIGN_HASH } from "../policy.js";
import { isOwnHash } from "./argon2id.js";
import { ITOA64 } from "./md5-crypt.js";

/** A hash that was read. Its lengths and costs are within the bounds. */
export type ForeignHash =
  | { scheme: "bcrypt"; text: string; cost: number }
  | (Argon2 & Derived)
  | (Scrypt & Derived)
  | (Pbkdf2 & Derived)
  | FastHash;

interface Argon2 {
  scheme: "argon2";
  /** As the library counts them: argon2i is 1, argon2id 2; version 1.0 is 0, version 1.3 is 1. */
  algorithm: 1 | 2;
  version: 0 | 1;
  memoryKiB: number;
  passes: number;
  lanes: number;
}

interface Scrypt {
  scheme: "scrypt";
  cost: number;
  blockSize: number;
  lanes: number;
  /** better-auth hashes the password in this form. */
  form?: "NFKC";
}

interface Pbkdf2 {
  scheme: "pbkdf2";
  digest: "sha1" | "sha256" | "sha512";
  rounds: number;
}

interface Derived {
  salt: Buffer;
  key: Buffer;
}

/** A fast hash is never stored as it is: an argon2id of it is, behind the old scheme's setting. */
export type FastHash = {
  scheme: "sha1" | "apr1" | "phpass";
  /** What stands before the hash: `{SHA}`, `$apr1$SALT$`, or `$P$`, the count and the salt. */
  setting: string;
  salt: string;
  rounds: number;
} & ({ given: string } | { wrapped: string });

export type ReadHash = ForeignHash | { problem: string };

/** Longer than any of the formats, and short enough for whatever reads it. */
const MAX_LENGTH = 1_024;

/** Reads a hash as another system writes it, or as it is stored here. Takes any text and never throws. */
export function readFormat(text: string): ReadHash {
  if (text.length > MAX_LENGTH) return broken("is too long");
  for (const [format, read] of FORMATS) {
    const found = format.exec(text);
    if (found) return read(found.groups ?? {}, text);
  }
  return { problem: "This is no kind of password hash that can be imported." };
}

type Groups = Record<string, string | undefined>;
type Format = readonly [RegExp, (groups: Groups, text: string) => ReadHash];

/** No expression backtracks: the fields of a format are separated by characters that they cannot hold. */
const FORMATS: readonly Format[] = [
  [/^\$2[abxy]\$(?<cost>\d{1,9})\$(?<rest>.*)$/, readBcrypt],
  [
    /^\$argon2(?<kind>id|i|d)(\$v=(?<version>\d{1,9}))?\$m=(?<memory>\d{1,9}),t=(?<passes>\d{1,9}),p=(?<lanes>\d{1,9})\$(?<salt>[^$]*)\$(?<key>[^$]*)$/,
    readArgon2,
  ],
  [
    /^\$scrypt\$ln=(?<log>\d{1,9}),r=(?<block>\d{1,9}),p=(?<lanes>\d{1,9})\$(?<salt>[^$]*)\$(?<key>[^$]*)$/,
    readScrypt,
  ],
  [/^(?<salt>[0-9a-f]+):(?<key>[0-9a-f]+)$/i, readBetterAuth],
  [/^pbkdf2_sha256\$(?<rounds>\d{1,9})\$(?<salt>[^$]*)\$(?<key>[^$]*)$/, readDjango],
  [
    /^\$pbkdf2(-(?<digest>sha1|sha256|sha512))?\$(i=)?(?<rounds>\d{1,9})(,l=\d{1,9})?\$(?<salt>[^$]*)\$(?<key>[^$]*)$/,
    readPbkdf2,
  ],
  [/^(?<setting>\{SHA\})(?<rest>.*)$/, readSha1],
  [/^(?<setting>\$apr1\$(?<salt>[^$]*)\$)(?<rest>.*)$/, readApr1],
  [/^(?<setting>\$[PH]\$(?<count>.)(?<salt>.{8}))(?<rest>.*)$/, readPhpass],
];

function readBcrypt({ cost: digits = "", rest = "" }: Groups, text: string): ReadHash {
  const cost = Number(digits);
  if (cost > MAX_FOREIGN_HASH.bcryptCost)
    return tooDear(`bcrypt at cost ${cost}`, MAX_FOREIGN_HASH.bcryptCost);
  if (text.startsWith("$2x$"))
    return { problem: "Hashes that begin with $2x$ come from a faulty bcrypt and cannot be imported." };
  if (!/^\d\d$/.test(digits) || cost < 4 || !/^[./A-Za-z0-9]{53}$/.test(rest)) return broken();
  return { scheme: "bcrypt", text, cost };
}

function readArgon2({ kind, version = "16", memory, passes, lanes, salt, key }: Groups): ReadHash {
  if (kind === "d") return { problem: "Of argon2, only argon2id and argon2i can be imported." };
  const hash = { memoryKiB: Number(memory), passes: Number(passes), lanes: Number(lanes) };
  if (hash.memoryKiB > MAX_FOREIGN_HASH.memoryKiB) return tooDear("argon2 with that much memory", "256 MiB");
  if (hash.passes > MAX_FOREIGN_HASH.argon2Passes)
    return tooDear(`argon2 with ${hash.passes} passes`, MAX_FOREIGN_HASH.argon2Passes);
  if (hash.lanes > MAX_FOREIGN_HASH.lanes)
    return tooDear(`argon2 with ${hash.lanes} lanes`, MAX_FOREIGN_HASH.lanes);
  const derived = derivedOf(base64(salt, { min: 8, max: 64 }), base64(key, { min: 16, max: 128 }));
  const isWhole = hash.passes >= 1 && hash.lanes >= 1 && hash.memoryKiB >= 8 * hash.lanes;
  if (!derived || !isWhole || (version !== "16" && version !== "19")) return broken();
  return {
    scheme: "argon2",
    algorithm: kind === "i" ? 1 : 2,
    version: version === "16" ? 0 : 1,
    ...hash,
    ...derived,
  };
}

function readScrypt({ log: exponent, block, lanes: count, salt, key }: Groups): ReadHash {
  const [log, blockSize, lanes] = [Number(exponent), Number(block), Number(count)];
  // A power of two that is far beyond the bound is no integer any more, and still compares right.
  if ((2 ** log * blockSize * lanes * 128) / 1_024 > MAX_FOREIGN_HASH.memoryKiB)
    return tooDear("scrypt with that much memory", "256 MiB, all lanes together");
  const derived = derivedOf(base64(salt, { min: 1, max: 64 }), base64(key, { min: 16, max: 128 }));
  // RFC 7914 §2: N must be less than 2 to the power of 128 * r / 8.
  if (!derived || log < 1 || blockSize < 1 || lanes < 1 || log >= 16 * blockSize) return broken();
  return { scheme: "scrypt", cost: 2 ** log, blockSize, lanes, ...derived };
}

/** better-auth salts with the text of the hexadecimal digits, not with the bytes that they stand for. */
function readBetterAuth({ salt = "", key = "" }: Groups): ReadHash {
  if (salt.length < 16 || salt.length > 128 || key.length !== 128) return broken();
  const derived = { salt: Buffer.from(salt), key: Buffer.from(key, "hex") };
  return { scheme: "scrypt", cost: 16_384, blockSize: 16, lanes: 1, form: "NFKC", ...derived };
}

/** Django salts with the text. */
function readDjango({ rounds, salt = "", key }: Groups): ReadHash {
  const derived = derivedOf(
    /^[\x21-\x7e]{1,128}$/.test(salt) ? Buffer.from(salt) : undefined,
    base64(key, { min: 32, max: 32 }),
  );
  return readRounds("sha256", rounds, derived);
}

/** passlib, Authelia, and a Keycloak credential as it is stored here. passlib writes `.` for `+`. */
function readPbkdf2({ digest = "sha1", rounds, salt = "", key = "" }: Groups): ReadHash {
  const [plainSalt, plainKey] = [salt.replaceAll(".", "+"), key.replaceAll(".", "+")];
  const derived = derivedOf(base64(plainSalt, { min: 1, max: 128 }), base64(plainKey, { min: 16, max: 128 }));
  return readRounds(digest as Pbkdf2["digest"], rounds, derived);
}

function readRounds(digest: Pbkdf2["digest"], digits: string | undefined, derived?: Derived): ReadHash {
  const rounds = Number(digits);
  if (rounds > MAX_FOREIGN_HASH.pbkdf2Rounds)
    return tooDear(`PBKDF2 with ${rounds} rounds`, MAX_FOREIGN_HASH.pbkdf2Rounds);
  if (!derived || rounds < 1) return broken();
  return { scheme: "pbkdf2", digest, rounds, ...derived };
}

function readSha1({ setting = "", rest = "" }: Groups): ReadHash {
  const digest = base64(rest, { min: 20, max: 20 })?.toString("base64");
  return fast({ scheme: "sha1", setting, salt: "", rounds: 1 }, digest ?? rest, digest !== undefined);
}

function readApr1({ setting = "", salt = "", rest = "" }: Groups): ReadHash {
  if (!/^[\x21-\x7e]{1,8}$/.test(salt)) return broken();
  return fast({ scheme: "apr1", setting, salt, rounds: 1_000 }, rest, CRYPT_DIGEST.test(rest));
}

function readPhpass({ setting = "", count = "", salt = "", rest = "" }: Groups): ReadHash {
  const log = ITOA64.indexOf(count);
  if (2 ** log > MAX_FOREIGN_HASH.phpassRounds)
    return tooDear(`phpass with two to the power of ${log} rounds`, MAX_FOREIGN_HASH.phpassRounds);
  if (log < 7 || !/^[\x21-\x7e]{8}$/.test(salt)) return broken();
  return fast({ scheme: "phpass", setting, salt, rounds: 2 ** log }, rest, CRYPT_DIGEST.test(rest));
}

const CRYPT_DIGEST = /^[./0-9A-Za-z]{22}$/;

type Setting = Pick<FastHash, "scheme" | "setting" | "salt" | "rounds">;

function fast(setting: Setting, rest: string, isDigest: boolean): ReadHash {
  if (isOwnHash(rest)) return { ...setting, wrapped: rest };
  return isDigest ? { ...setting, given: rest } : broken();
}

function derivedOf(salt: Buffer | undefined, key: Buffer | undefined): Derived | undefined {
  return salt && key && { salt, key };
}

/** The bytes of a base64 text of so many bytes, padded or not; undefined when it is none, or not the one way to write them. */
function base64(text: string | undefined, { min, max }: { min: number; max: number }): Buffer | undefined {
  const bare = text?.replace(/={1,2}$/, "") ?? "";
  const bytes = Buffer.from(bare, "base64");
  const isSame = bytes.toString("base64").replace(/={1,2}$/, "") === bare;
  return isSame && bytes.length >= min && bytes.length <= max ? bytes : undefined;
}

function tooDear(what: string, most: number | string): { problem: string } {
  return { problem: `The password hash costs too much: ${what}, and the most is ${most}.` };
}

function broken(how = "is broken"): { problem: string } {
  return { problem: `The password hash ${how}.` };
}
