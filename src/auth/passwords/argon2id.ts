/**
 * Latchkey's own password hashes: argon2id with one set of parameters.
 * Tests: test/auth/passwords/password.test.ts
 */
import { hash, verify } from "@node-rs/argon2";

/** OWASP Password Storage Cheat Sheet: argon2id, 19 MiB, two passes, one lane. */
const ARGON2ID = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** What every hash with these parameters begins with. */
export const OWN_PREFIX = "$argon2id$v=19$m=19456,t=2,p=1$";

const SALT_AND_KEY = /^[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/;

/** @returns a PHC string */
export function hashOwn(password: string): Promise<string> {
  return hash(password, ARGON2ID);
}

export function isOwnHash(stored: string): boolean {
  return stored.startsWith(OWN_PREFIX) && SALT_AND_KEY.test(stored.slice(OWN_PREFIX.length));
}

/** @param stored a hash for which `isOwnHash` holds */
export function verifyOwn(stored: string, password: string): Promise<boolean> {
  return verify(stored, password);
}
