/** HOTP (RFC 4226): the code for a secret and a counter. */
import { generateSync, verifySync } from "otplib";
import { guardrails, hashNames, hasShapeOfCode, nodeCrypto } from "./engine.js";
import { AUTHENTICATOR_APP, type HotpParameters } from "./parameters.js";

/**
 * The code at a counter (RFC 4226 §5.3), leading zeros kept.
 * `secret` is 1 to 1024 bytes, `counter` a whole number from 0 to 2^53 - 1. Throws when either is out of range.
 */
export function hotpAt(
  secret: Uint8Array,
  counter: number,
  parameters: HotpParameters = AUTHENTICATOR_APP,
): string {
  const { algorithm, digits } = parameters;
  return generateSync({
    secret,
    algorithm: hashNames[algorithm],
    digits,
    crypto: nodeCrypto,
    guardrails,
    strategy: "hotp",
    counter,
  });
}

/**
 * Whether this is the code at exactly this counter (RFC 4226 §7.2). A text that is no code is simply not it.
 * Throws, as hotpAt does, when the secret or the counter is out of range.
 */
export function isHotp(
  secret: Uint8Array,
  code: string,
  counter: number,
  parameters: HotpParameters = AUTHENTICATOR_APP,
): boolean {
  return matchingCounter(secret, code, counter, 0, parameters) !== undefined;
}

/**
 * The counter whose code this is, from `counter` to `lookAhead` (0 to 10,000) beyond it: the resynchronization of
 * RFC 4226 §7.4. A text that is no code gives undefined. Throws when the secret, counter or look-ahead is out of range.
 */
export function matchingCounter(
  secret: Uint8Array,
  code: string,
  counter: number,
  lookAhead: number,
  parameters: HotpParameters = AUTHENTICATOR_APP,
): number | undefined {
  const { algorithm, digits } = parameters;
  if (!hasShapeOfCode(code, digits)) return undefined;
  const result = verifySync({
    secret,
    token: code,
    algorithm: hashNames[algorithm],
    digits,
    crypto: nodeCrypto,
    guardrails,
    strategy: "hotp",
    counter,
    // otplib would throw on reaching 2^53.
    counterTolerance: Math.min(lookAhead, Math.max(0, Number.MAX_SAFE_INTEGER - counter)),
  });
  return result.valid ? counter + result.delta : undefined;
}
