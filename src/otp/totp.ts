/** TOTP (RFC 6238): HOTP with the time step as its counter. */
// Imports otplib's TOTP part directly: the main package copies all options twice, which takes longer than the HMACs.
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
import { STANDARD_PARAMETERS, type TotpParameters } from "./parameters.js";

/** The number of the time step, T in RFC 6238 §4.2. `unixSeconds` may have a fraction; `period` is in seconds. */
export function timeStep(unixSeconds: number, period: number = STANDARD_PARAMETERS.period): number {
  return Math.floor(unixSeconds / period);
}

/**
 * The code at a time (RFC 6238 §4.2), leading zeros kept.
 * @param secret 1 to 1024 bytes
 * @param unixSeconds not negative; may have a fraction
 * @throws Error when either is out of range
 */
export function totpAt(
  secret: Uint8Array,
  unixSeconds: number,
  parameters: TotpParameters = STANDARD_PARAMETERS,
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
 * Finds the time step of a code, up to `window` whole steps (0 to 10,000) either side of the time: RFC 6238 §5.2 recommends at
 * most one, §6 explains the search for a clock that drifted. If several match, it returns the earliest; undefined if none does,
 * and for a text that is not exactly the right number of ASCII digits.
 *
 * The caller must prevent replay (RFC 6238 §5.2): store the last accepted step, and refuse it and all before it.
 * @throws as totpAt, when the secret, time or window is out of range
 */
export function matchingStep(
  secret: Uint8Array,
  code: string,
  unixSeconds: number,
  window = 1,
  parameters: TotpParameters = STANDARD_PARAMETERS,
): number | undefined {
  if (!hasShapeOfCode(code, parameters.digits)) return undefined;
  const { algorithm, digits, period } = parameters;
  // One object literal, here and above: assembled from parts, the options took longer than the HMACs (17 of 29 µs, Node 20,
  // 2026-11).
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
 * The codes of all time steps from `window` steps before a time to `window` after it, in order. For diagnosis only: codes are
 * accepted by `matchingStep` alone. It takes the same time whether and wherever a code matches.
 * @throws RangeError when the secret, time or window is out of range
 */
export function codesAround(
  secret: Uint8Array,
  unixSeconds: number,
  window: number,
  parameters: TotpParameters = STANDARD_PARAMETERS,
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

/**
 * The code of a time step (RFC 4226 §5.3): HMAC of the counter, dynamic truncation to 31 bits, last decimal digits. By hand,
 * because through otplib the search of far steps takes twice the time (docs/decisions/030); otplib alone accepts codes.
 */
function codeOfStep(secret: Uint8Array, step: number, { algorithm, digits }: TotpParameters): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = Buffer.from(nodeCrypto.hmac(hashNames[algorithm], secret, counter) as Uint8Array);
  const offset = mac.readUInt8(mac.length - 1) & 0x0f;
  const truncated = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(truncated % 10 ** digits).padStart(digits, "0");
}

/** Finds every time step of a code, up to `window` whole steps either side, in order. @throws as codesAround */
export function matchingSteps(
  secret: Uint8Array,
  code: string,
  unixSeconds: number,
  window: number,
  parameters: TotpParameters = STANDARD_PARAMETERS,
): number[] {
  if (!hasShapeOfCode(code, parameters.digits)) return [];
  const around = codesAround(secret, unixSeconds, window, parameters);
  return around.filter((candidate) => isSameCode(candidate.code, code)).map(({ step }) => step);
}
