/**
 * The two hashes of old web servers that are made of MD5: Apache's apr1, and phpass as WordPress and phpBB write it. The rounds run
 * on the event loop, a few milliseconds at a time.
 * Tests: test/auth/passwords/foreign-hashes.test.ts
 */
import { createHash } from "node:crypto";
import { setImmediate as letRequestsRun } from "node:timers/promises";

/** The alphabet of crypt(3), which phpass shares. */
export const ITOA64 = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Rounds before requests get their turn: about two milliseconds. */
const ROUNDS_AT_ONCE = 500;

/** Bytes of the digest in the order in which crypt(3) writes them, three to four characters; the last byte stands alone. */
const APR1_ORDER = [0, 6, 12, 1, 7, 13, 2, 8, 14, 3, 9, 15, 4, 10, 5] as const;

/** @returns the 22 characters behind `$apr1$SALT$` */
export async function apr1(password: string, salt: string): Promise<string> {
  const typed = Buffer.from(password);
  const mixed = md5(typed, salt, typed);
  const first: (string | Uint8Array)[] = [typed, "$apr1$", salt];
  for (let left = typed.length; left > 0; left -= 16) first.push(mixed.subarray(0, Math.min(left, 16)));
  for (let bits = typed.length; bits > 0; bits >>= 1) first.push(bits & 1 ? NUL : typed.subarray(0, 1));
  const digest = await inTurns(1_000, md5(...first), (before, round) =>
    md5(
      round % 2 ? typed : before,
      ...(round % 3 ? [salt] : []),
      ...(round % 7 ? [typed] : []),
      round % 2 ? before : typed,
    ),
  );
  let text = "";
  for (let at = 0; at < APR1_ORDER.length; at += 3) {
    const [high, middle, low] = APR1_ORDER.slice(at, at + 3).map((index) => digest[index] ?? 0);
    text += itoa64(((high ?? 0) << 16) | ((middle ?? 0) << 8) | (low ?? 0), 4);
  }
  return text + itoa64(digest[11] ?? 0, 2);
}

/** @returns the 22 characters behind `$P$`, the count and the eight characters of the salt */
export async function phpass(password: string, salt: string, rounds: number): Promise<string> {
  const digest = await inTurns(rounds, md5(salt, password), (before) => md5(before, password));
  let text = "";
  for (let at = 0; at < digest.length; at += 3) {
    const bytes = digest.subarray(at, at + 3);
    const value = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8) | ((bytes[2] ?? 0) << 16);
    text += itoa64(value, bytes.length + 1);
  }
  return text;
}

const NUL = Buffer.alloc(1);

function md5(...parts: (string | Uint8Array)[]): Buffer {
  const hash = createHash("md5");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

async function inTurns(
  rounds: number,
  start: Buffer,
  round: (before: Buffer, number: number) => Buffer,
): Promise<Buffer> {
  let digest = start;
  for (let number = 0; number < rounds; number++) {
    digest = round(digest, number);
    if (number % ROUNDS_AT_ONCE === 0) await letRequestsRun();
  }
  return digest;
}

/** Six bits a character, the lowest first. */
function itoa64(value: number, length: number): string {
  return Array.from({ length }, (_, index) => ITOA64[(value >> (6 * index)) & 63]).join("");
}
