/** TOTP (RFC 6238): HOTP whose counter is the time. */
// otplib's own part for TOTP: the package around it copies all options twice, which takes longer than the HMACs.
import { generateSync, verifySync } from "@otplib/totp";
import {
  type CryptoPlugin,
  guardrails,
  hashNames,
  hasShapeOfCode,
  isSameCode,
  nodeCrypto,
  watchCodes,
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
  const result = look(secret, code, unixSeconds, window, parameters, nodeCrypto);
  return result.valid ? result.timeStep : undefined;
}

/**
 * The codes of the time steps from `window` before a time to `window` after it, in order. Looking through all of them takes
 * the same time wherever a code is, or is not. Throws as matchingStep does.
 */
export function codesAround(
  secret: Uint8Array,
  unixSeconds: number,
  window: number,
  parameters: TotpParameters = AUTHENTICATOR_APP,
): { step: number; code: string }[] {
  const { digits, period } = parameters;
  const { crypto, codes } = watchCodes();
  // One look with a window costs half of as many single codes.
  look(secret, "0".repeat(digits), unixSeconds, window, parameters, crypto);
  const first = Math.max(0, timeStep(unixSeconds, period) - window);
  return codes.map((code, index) => ({ step: first + index, code }));
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

function look(
  secret: Uint8Array,
  code: string,
  unixSeconds: number,
  window: number,
  { algorithm, digits, period }: TotpParameters,
  crypto: CryptoPlugin,
) {
  return verifySync({
    secret,
    token: code,
    algorithm: hashNames[algorithm],
    digits,
    crypto,
    guardrails,
    epoch: unixSeconds,
    period,
    epochTolerance: window * period, // otplib counts its tolerance in seconds
  });
}
