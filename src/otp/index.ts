/**
 * One-time passwords, HOTP (RFC 4226) and TOTP (RFC 6238), without clock, I/O or randomness; the only importer of otplib.
 * Tests: test/otp/how-it-works.test.ts
 */
export { isSameCode, MAX_SECRET_BYTES, MAX_WINDOW } from "./engine.js";
export { hotpAt, isHotp, matchingCounter } from "./hotp.js";
export { keyUri } from "./key-uri.js";
export {
  type Algorithm,
  type HotpParameters,
  STANDARD_PARAMETERS,
  type TotpParameters,
} from "./parameters.js";
export { fromBase32, InvalidSecretError, toBase32, toHex } from "./secret.js";
export { codesAround, matchingStep, matchingSteps, timeStep, totpAt } from "./totp.js";
export { typedDigits } from "./typed-code.js";
