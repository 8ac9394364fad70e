/**
 * The parameters that a server and an authenticator app must share, besides the secret, for their codes to match.
 * Tests: test/otp/totp.test.ts
 */

/** The hash inside HMAC. RFC 4226 knows SHA-1 only; RFC 6238 §1.2 adds the other two. */
export type Algorithm = "SHA1" | "SHA256" | "SHA512";

export interface HotpParameters {
  readonly algorithm: Algorithm;
  /** Length of a code; RFC 4226 §5.3 asks for at least 6. */
  readonly digits: 6 | 7 | 8;
}

export interface TotpParameters extends HotpParameters {
  /** Length of a time step in whole seconds, from 1 to 3600: X in RFC 6238 §4.1. */
  readonly period: number;
}

/** What every authenticator app understands; some ignore any other setting and then show wrong codes. */
export const STANDARD_PARAMETERS: TotpParameters = { algorithm: "SHA1", digits: 6, period: 30 };
