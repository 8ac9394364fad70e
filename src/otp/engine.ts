/**
 * Settings for every call of otplib: HMAC by node:crypto, our limits, and the names of hash functions.
 * Tests: test/otp/totp.test.ts, test/otp/hotp.test.ts
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { type CryptoPlugin, createGuardrails } from "otplib";

export type { CryptoPlugin };

/** The largest search window, in time steps either side or counters ahead: a wider search would cost too much. */
export const MAX_WINDOW = 10_000;

/** The longest secret, in bytes. HMAC needs no more than its block size (64 or 128); the rest is for unusual imports. */
export const MAX_SECRET_BYTES = 1024;

export const nodeCrypto: CryptoPlugin = {
  name: "node:crypto",
  hmac: (algorithm, key, data) => createHmac(algorithm, key).update(data).digest(),
  constantTimeEqual(a, b) {
    const [left, right] = [Buffer.from(a), Buffer.from(b)];
    return left.length === right.length && timingSafeEqual(left, right);
  },
  randomBytes() {
    throw new Error("src/otp makes nothing random: bytes are arguments");
  },
};

/** Whether two codes are equal, compared in constant time. */
export function isSameCode(a: string, b: string): boolean {
  return nodeCrypto.constantTimeEqual(a, b);
}

/** Allows secrets under 16 bytes (RFC 4226 §4, R6), which otplib refuses by default: our callers warn or refuse. */
export const guardrails = createGuardrails({
  MIN_SECRET_BYTES: 1,
  MAX_SECRET_BYTES,
  MAX_WINDOW: 2 * MAX_WINDOW + 1,
});

export const hashNames = { SHA1: "sha1", SHA256: "sha256", SHA512: "sha512" } as const;

/** Whether a text has the form of a code: exactly this many ASCII digits. otplib throws on anything else. */
export function hasShapeOfCode(text: string, digits: number): boolean {
  return text.length === digits && /^[0-9]+$/.test(text);
}
