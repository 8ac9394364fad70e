/** One-time passwords, RFC 4226 and RFC 6238: no clock, no I/O, nothing random, and the only importer of otplib. */
export { isSameCode, MAX_SECRET_BYTES, MAX_WINDOW } from "./engine.js";
export { hotpAt, isHotp, matchingCounter } from "./hotp.js";
export { keyUri } from "./key-uri.js";
export { type Algorithm, AUTHENTICATOR_APP, type HotpParameters, type TotpParameters } from "./parameters.js";
export { fromBase32, InvalidSecretError, toBase32, toHex } from "./secret.js";
export { codesAround, matchingStep, matchingSteps, timeStep, totpAt } from "./totp.js";
export { typedDigits } from "./typed-code.js";
