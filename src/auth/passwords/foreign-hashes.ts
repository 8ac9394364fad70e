/**
 * Password hashes of other systems: takes them in for storing, and verifies a typed password against one that is stored.
 * Tests: test/auth/passwords/foreign-hashes.test.ts, test/auth/passwords/foreign-hashes-broken.test.ts
 */
import { createHash, pbkdf2, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { hashRaw } from "@node-rs/argon2";
import { hashOwn, isOwnHash, verifyOwn } from "./argon2id.js";
import { verifyBcrypt } from "./bcrypt.js";
import { type FastHash, type ForeignHash, readFormat } from "./foreign-formats.js";
import { type KeycloakCredential, keycloakHash } from "./keycloak.js";
import { apr1, phpass } from "./md5-crypt.js";

export type GivenHash =
  /** It cannot be imported; one sentence says why, without any part of the hash. */
  | { problem: string }
  | {
      /** About how long (ms) a check takes, for the account's row; null where it is a hash of our own kind. */
      cost: number | null;
      /**
       * The text to store as the account's password hash. Of a fast hash (MD5, SHA-1) it makes an argon2id first, which takes some
       * ten milliseconds off the event loop: call it for one after the other.
       */
      toStored(): Promise<string>;
    };

/**
 * Reads a hash that another system made. Length, shape and cost are checked, and nothing is paid. Never throws.
 * @param given a text, or a Keycloak credential; anything else is a problem
 */
export function readForeignHash(given: string | KeycloakCredential): GivenHash {
  const text = textOf(given);
  if (text === undefined) return { problem: "This is no password hash and no credential of Keycloak's." };
  if (isOwnHash(text)) return { cost: null, toStored: async () => text };
  const hash = readFormat(text);
  if ("problem" in hash) return hash;
  // Only our own storage has such a text, and what is in it is not to be brought from outside.
  if ("wrapped" in hash) return { problem: "The password hash is broken." };
  if (!("given" in hash)) return { cost: costOf(hash), toStored: async () => text };
  const { setting, given: digest } = hash;
  return { cost: costOf(hash), toStored: async () => setting + (await hashOwn(digest)) };
}

function textOf(given: unknown): string | undefined {
  if (typeof given === "string") return given;
  if (typeof given !== "object" || given === null) return undefined;
  const { secretData, credentialData } = given as Partial<Record<string, unknown>>;
  if (typeof secretData !== "string" || typeof credentialData !== "string") return undefined;
  return keycloakHash({ secretData, credentialData });
}

/**
 * Reads a stored hash. Undefined when it is one of our own, empty, damaged, fast and not wrapped, or of a kind or a cost that
 * this version does not know: no password matches it then.
 */
export function storedForeignHash(stored: string): ForeignHash | undefined {
  if (stored === "" || isOwnHash(stored)) return undefined;
  const hash = readFormat(stored);
  return "problem" in hash || "given" in hash ? undefined : hash;
}

/**
 * About how long (ms) a check takes on a slow core: a quarter more than on the machine on which the schemes were measured.
 * It decides how long a refused password waits; see refusal-times.ts.
 */
export function costOf(hash: ForeignHash): number {
  return Math.ceil(milliseconds(hash));
}

function milliseconds(hash: ForeignHash): number {
  switch (hash.scheme) {
    case "bcrypt":
      return 0.054 * 2 ** hash.cost;
    case "argon2":
      return 2 + (hash.memoryKiB * hash.passes) / 1_024;
    case "scrypt":
      return 2 + 3 * ((hash.cost * hash.blockSize * hash.lanes) / 8_192);
    case "pbkdf2":
      return 2 + hash.rounds * MS_PER_ROUND[hash.digest];
    default:
      return 15 + hash.rounds * 0.004;
  }
}

const MS_PER_ROUND = { sha1: 0.000_24, sha256: 0.000_22, sha512: 0.000_6 };

export interface PasswordText {
  /** As `normalisePassword` gives it. */
  password: string;
  /** As it was typed. */
  typed: string;
}

/**
 * Whether a text is the hash's password. Other systems hashed the bytes that they were sent, which some keyboards compose in
 * another way than NFC: a text that NFC changes is tried in both forms.
 */
export async function verifyForeign(hash: ForeignHash, { password, typed }: PasswordText): Promise<boolean> {
  if (await verifies(hash, password)) return true;
  return typed !== password && verifies(hash, typed);
}

/** How many hashes a wrong password takes. */
export function formsOf({ password, typed }: PasswordText): 1 | 2 {
  return typed === password ? 1 : 2;
}

async function verifies(hash: ForeignHash, password: string): Promise<boolean> {
  switch (hash.scheme) {
    case "bcrypt":
      return verifyBcrypt(hash.text, password);
    case "argon2": {
      const { algorithm, version, salt, key } = hash;
      const { memoryKiB: memoryCost, passes: timeCost, lanes: parallelism } = hash;
      const options = { algorithm, version, salt, memoryCost, timeCost, parallelism };
      return timingSafeEqual(await hashRaw(password, { ...options, outputLen: key.length }), key);
    }
    case "scrypt": {
      const { cost, blockSize, lanes, salt, key, form } = hash;
      const text = form === undefined ? password : password.normalize(form);
      // Node's bound on memory counts a little more than the blocks.
      const maxmem = 2 * 128 * cost * blockSize * lanes + 2 ** 20;
      const options = { cost, blockSize, parallelization: lanes, maxmem };
      return timingSafeEqual(await derivedByScrypt(text, salt, key.length, options), key);
    }
    case "pbkdf2": {
      const { digest, rounds, salt } = hash;
      // Each block is computed for itself (RFC 8018 §5.2): who guesses computes the first alone, and so do we.
      const key = hash.key.subarray(0, BLOCK[digest]);
      return timingSafeEqual(await derivedByPbkdf2(password, salt, rounds, key.length, digest), key);
    }
    default:
      if (!("wrapped" in hash) || Buffer.byteLength(password) > MAX_FAST_PASSWORD) return false;
      return verifyOwn(hash.wrapped, await fastHash(hash, password));
  }
}

/**
 * Bytes. apr1 and phpass hash the password once a round, so a long one would show by its time that the name is imported. Nobody has
 * typed such a password.
 */
const MAX_FAST_PASSWORD = 1_024;

const BLOCK = { sha1: 20, sha256: 32, sha512: 64 };

const derivedByPbkdf2 = promisify(pbkdf2);

const derivedByScrypt = promisify<string, Buffer, number, import("node:crypto").ScryptOptions, Buffer>(
  scrypt,
);

function fastHash({ scheme, salt, rounds }: FastHash, password: string): string | Promise<string> {
  switch (scheme) {
    case "sha1":
      return createHash("sha1").update(password).digest("base64");
    case "apr1":
      return apr1(password, salt);
    case "phpass":
      return phpass(password, salt, rounds);
  }
}
