/** Makes the key URI in the QR code, which passes a secret to an authenticator app. */
import { generateURI } from "otplib";
import { hashNames } from "./engine.js";
import { STANDARD_PARAMETERS, type TotpParameters } from "./parameters.js";
import { fromBase32, toBase32 } from "./secret.js";

export interface KeyUriParts {
  /** The service, as the app shows it: not empty, no colon. */
  issuer: string;
  /** The account at the service: not empty, no colon. */
  username: string;
  /** Base32, in any form that fromBase32 reads. */
  secret: string;
  parameters?: TotpParameters;
}

/**
 * `otpauth://totp/ISSUER:username?secret=…&issuer=…`, percent-encoded (Google's Key URI format; no RFC defines one). Algorithm,
 * digits and period appear only where they differ from SHA-1, 6 and 30, which every app assumes: fewer characters make a QR
 * code with larger squares.
 * @throws Error for an empty issuer or username, or a colon in one, which would split the label
 * @throws InvalidSecretError when the secret is not base32
 */
export function keyUri({ issuer, username, secret, parameters = STANDARD_PARAMETERS }: KeyUriParts): string {
  for (const [what, text] of Object.entries({ issuer, username })) {
    if (text === "") throw new Error(`The ${what} of a key URI must not be empty.`);
    if (text.includes(":")) throw new Error(`The ${what} of a key URI must not contain a colon.`);
  }
  const { algorithm, digits, period } = parameters;
  return generateURI({
    issuer,
    label: username,
    secret: toBase32(fromBase32(secret)),
    algorithm: hashNames[algorithm],
    digits,
    period,
  });
}
