/** HOTP (RFC 4226): the code for a secret and a counter. */
import { generateSync, verifySync } from "otplib";
import { guardrails, hashNames, hasShapeOfCode, nodeCrypto } from "./engine.js";
import { type HotpParameters, STANDARD_PARAMETERS } from "./parameters.js";

/**
 * The code at a counter (RFC 4226 §5.3), leading zeros kept.
 * @param secret 1 to 1024 bytes
 * @param counter a whole number from 0 to 2^53 - 1
 * @throws Error when either is out of range
 */
export function hotpAt(
  secret: Uint8Array,
  counter: number,
  parameters: HotpParameters = STANDARD_PARAMETERS,
): string {
  return generateSync(optionsOf(secret, counter, parameters));
}

/**
 * Whether this is the code at exactly this counter (RFC 4226 §7.2); false for a text that is no code.
 * @throws as hotpAt, when the secret or the counter is out of range
 */
export function isHotp(
  secret: Uint8Array,
  code: string,
  counter: number,
  parameters: HotpParameters = STANDARD_PARAMETERS,
): boolean {
  return matchingCounter(secret, code, counter, 0, parameters) !== undefined;
}

/**
 * Finds the counter of a code, from `counter` to `lookAhead` (0 to 10,000) beyond it: the resynchronization of RFC 4226 §7.4.
 * Undefined if none matches, and for a text that is no code.
 * @throws Error when the secret, counter or look-ahead is out of range
 */
export function matchingCounter(
  secret: Uint8Array,
  code: string,
  counter: number,
  lookAhead: number,
  parameters: HotpParameters = STANDARD_PARAMETERS,
): number | undefined {
  if (!hasShapeOfCode(code, parameters.digits)) return undefined;
  const result = verifySync({
    ...optionsOf(secret, counter, parameters),
    token: code,
    // Ends the search before 2^53, at which otplib throws.
    counterTolerance: Math.min(lookAhead, Math.max(0, Number.MAX_SAFE_INTEGER - counter)),
  });
  return result.valid ? counter + result.delta : undefined;
}

function optionsOf(secret: Uint8Array, counter: number, { algorithm, digits }: HotpParameters) {
  const strategy = "hotp" as const;
  return {
    secret,
    algorithm: hashNames[algorithm],
    digits,
    crypto: nodeCrypto,
    guardrails,
    strategy,
    counter,
  };
}
