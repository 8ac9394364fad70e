/** TOTP (RFC 6238): HOTP whose counter is the time. */
// otplib's own part for TOTP: the package around it copies all options twice, which takes longer than the HMACs.
import { generateSync, verifySync } from "@otplib/totp";
import {
  guardrails,
  hashNames,
  hasShapeOfCode,
  isSameCode,
  MAX_SECRET_BYTES,
  MAX_WINDOW,
  nodeCrypto,
} from "./engine.js";
import { AUTHENTICATOR_APP, type TotpParameters } from "./parameters.js";

/** The number of the time step, T in RFC 6238 §4.2. `unixSeconds` may have a fraction; `period` is in seconds. */
export function timeStep(unixSeconds: number, period: number = AUTHENTICATOR_APP.period): number {
  return Math.floor(unixSeconds / period);
}

/**
 * The code at a time (RFC 6238 §4.2), leading zeros kept.
 * `secret` is 1 to 1024 bytes, `unixSeconds` is not negative and may have a fraction. Throws when either is out of range.
 */
export function totpAt(
  secret: Uint8Array,
  unixSeconds: number,
  parameters: TotpParameters = AUTHENTICATOR_APP,
): string {
  const { algorithm, digits, period } = parameters;
  return generateSync({
    secret,
    algorithm: hashNames[algorithm],
    digits,
    crypto: nodeCrypto,
    guardrails,
    epoch: unixSeconds,
    period,
  });
}

/**
 * The time step whose code this is, looking `window` whole steps (0 to 10,000) either side of the time: RFC 6238 §5.2
 * recommends at most one, §6 explains the search for a clock that drifted. Should several match, the earliest.
 * A text that is not exactly the right number of ASCII digits gives undefined.
 * The caller must accept a step only once (RFC 6238 §5.2): keep the last one accepted and refuse it and those before.
 * Throws, as totpAt does, when the secret, time or window is out of range.
 */
export function matchingStep(
  secret: Uint8Array,
  code: string,
  unixSeconds: number,
  window = 1,
  parameters: TotpParameters = AUTHENTICATOR_APP,
): number | undefined {
  if (!hasShapeOfCode(code, parameters.digits)) return undefined;
  const { algorithm, digits, period } = parameters;
  // One literal, here and above: put together from parts, the options take longer than the HMACs (17 of 29 µs, Node 20, 2026-11).
  const result = verifySync({
    secret,
    token: code,
    algorithm: hashNames[algorithm],
    digits,
    crypto: nodeCrypto,
    guardrails,
    epoch: unixSeconds,
    period,
    epochTolerance: window * period, // otplib counts its tolerance in seconds
  });
  return result.valid ? result.timeStep : undefined;
}

/**
 * The codes of the time steps from `window` before a time to `window` after it, in order. For searching only: a code is accepted
 * by `matchingStep` alone. The search takes the same time wherever a code is, or is not. Throws as matchingStep does.
 */
export function codesAround(
  secret: Uint8Array,
  unixSeconds: number,
  window: number,
  parameters: TotpParameters = AUTHENTICATOR_APP,
): { step: number; code: string }[] {
  if (secret.length < 1 || secret.length > MAX_SECRET_BYTES)
    throw new RangeError("The secret has 1 to 1024 bytes.");
  if (!(window >= 0 && window <= MAX_WINDOW)) throw new RangeError("The window is 0 to 10,000 steps.");
  if (!(unixSeconds >= 0 && Number.isFinite(unixSeconds))) throw new RangeError("The time is not negative.");
  const present = timeStep(unixSeconds, parameters.period);
  const first = Math.max(0, present - window);
  return Array.from({ length: present + window - first + 1 }, (_, index) => {
    const step = first + index;
    return { step, code: codeOfStep(secret, step, parameters) };
  });
}

/** RFC 4226 §5.3: the HMAC of the counter, four bytes of it where its last half byte says, their last decimal digits. */
function codeOfStep(secret: Uint8Array, step: number, { algorithm, digits }: TotpParameters): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = Buffer.from(nodeCrypto.hmac(hashNames[algorithm], secret, counter) as Uint8Array);
  const offset = mac.readUInt8(mac.length - 1) & 0x0f;
  const truncated = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(truncated % 10 ** digits).padStart(digits, "0");
}

/** Every time step whose code this is, looking `window` whole steps either side, in order. Throws as matchingStep does. */
export function matchingSteps(
  secret: Uint8Array,
  code: string,
  unixSeconds: number,
  window: number,
  parameters: TotpParameters = AUTHENTICATOR_APP,
): number[] {
  if (!hasShapeOfCode(code, parameters.digits)) return [];
  const around = codesAround(secret, unixSeconds, window, parameters);
  return around.filter((one) => isSameCode(one.code, code)).map(({ step }) => step);
}
