/** What otplib is told on every call: HMAC by node:crypto, our limits, and our parameters under its names. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { type CryptoPlugin, createGuardrails } from "otplib";

export type { CryptoPlugin };

/** The longest look either side or ahead, in steps or counters: beyond it a check would cost too much. */
export const MAX_WINDOW = 10_000;

/** The longest secret, in bytes. HMAC needs no more than its block (64 or 128); the rest is room for odd imports. */
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

/** Whether two codes are the same, in a time that does not tell where they differ. */
export function isSameCode(a: string, b: string): boolean {
  return nodeCrypto.constantTimeEqual(a, b);
}

/** otplib refuses secrets under 16 bytes (RFC 4226 §4, R6). We compute them all: our callers warn or refuse. */
export const guardrails = createGuardrails({
  MIN_SECRET_BYTES: 1,
  MAX_SECRET_BYTES,
  MAX_WINDOW: 2 * MAX_WINDOW + 1,
});

export const hashNames = { SHA1: "sha1", SHA256: "sha256", SHA512: "sha512" } as const;

/** Whether a text could be a code at all: exactly this many ASCII digits. otplib throws on anything else. */
export function hasShapeOfCode(text: string, digits: number): boolean {
  return text.length === digits && /^[0-9]+$/.test(text);
}
