/**
 * Reads a TOTP secret that another system made: base32, or the key URI of a QR code. Only what every app computes alike is taken
 * (docs/decisions/014-one-set-of-parameters.md).
 * Tests: test/import/totp-secret.test.ts
 */
import { fromBase32, InvalidSecretError, STANDARD_PARAMETERS } from "../../otp/index.js";
import { IMPORTED_SECRET_BYTES, MAX_KEY_URI_LENGTH, MAX_LABEL_LENGTH } from "../policy.js";

export interface ImportedSecret {
  secret: Uint8Array;
  /** What the owner's app shows beside the issuer; null where the text does not say it. */
  label: string | null;
}

/** One sentence says why, without any part of the secret. */
export type ReadSecret = ImportedSecret | { problem: string };

/** Reads any value and never throws. */
export function readTotpSecret(given: unknown): ReadSecret {
  if (typeof given !== "string") return { problem: "The TOTP secret is not a text." };
  if (given.length > MAX_KEY_URI_LENGTH) return { problem: "The TOTP secret is too long." };
  const text = given.trim();
  return /^otpauth:/i.test(text) ? readKeyUri(text) : readBase32(text, null);
}

function readBase32(text: string, label: string | null): ReadSecret {
  const secret = bytesOf(text);
  if (!(secret instanceof Uint8Array)) return secret;
  const { min, max } = IMPORTED_SECRET_BYTES;
  if (secret.length < min || secret.length > max)
    return { problem: `The TOTP secret has ${secret.length} bytes; ${min} to ${max} can be imported.` };
  return { secret, label };
}

function bytesOf(text: string): Uint8Array | { problem: string } {
  try {
    return fromBase32(text);
  } catch (error) {
    if (error instanceof InvalidSecretError) return { problem: error.message };
    throw error;
  }
}

function readKeyUri(text: string): ReadSecret {
  const uri = URL.canParse(text) ? new URL(text) : undefined;
  const kind = uri?.host.toLowerCase();
  if (kind === "hotp")
    return { problem: "The key URI is for HOTP, which counts; only TOTP can be imported." };
  if (!uri || kind !== "totp") return { problem: "The key URI is not one of TOTP." };
  const { searchParams } = uri;
  for (const name of PARAMETERS) {
    if (searchParams.getAll(name).length > 1) return { problem: `The key URI has two values of ${name}.` };
  }
  const problem = parameterProblem(searchParams);
  if (problem !== undefined) return { problem };
  const secret = searchParams.get("secret");
  return secret === null ? { problem: "The key URI has no secret." } : readBase32(secret, labelIn(uri));
}

/** Google's Key URI format; `encoder` is what some apps read for the codes of Steam, which are letters. */
const PARAMETERS = ["secret", "algorithm", "digits", "period", "encoder"];

/** Says which parameter apps would not all compute alike. The values are shown only where they are what such a value may be. */
function parameterProblem(parameters: URLSearchParams): string | undefined {
  const { digits, period } = STANDARD_PARAMETERS;
  const algorithm = (parameters.get("algorithm") ?? "SHA1").toUpperCase().replace(/^HMAC|-/g, "");
  if (algorithm !== "SHA1") {
    const named = ["SHA256", "SHA512", "MD5"].includes(algorithm)
      ? algorithm.replace("SHA", "SHA-")
      : "another hash";
    return `Its codes are made with ${named}; only SHA-1 can be imported.`;
  }
  if (parameters.has("encoder")) return "Its codes are not plain digits.";
  const differs = (name: string, standard: number) => Number(parameters.get(name) ?? standard) !== standard;
  if (differs("digits", digits))
    return `Its codes have ${numberIn(parameters, "digits")} digits; only ${digits} can be imported.`;
  if (differs("period", period))
    return `Its codes change after ${numberIn(parameters, "period")} seconds; only ${period} can be imported.`;
  return undefined;
}

function numberIn(parameters: URLSearchParams, name: string): string {
  const text = parameters.get(name) ?? "";
  return /^\d{1,4}$/.test(text) ? text : "another number of";
}

/** The label without its issuer, as apps show it; null where it is broken or empty. */
function labelIn({ pathname }: URL): string | null {
  const text = decoded(pathname.slice(1));
  const account = text
    .slice(text.indexOf(":") + 1)
    .replace(/[\s\p{Cc}\p{Cf}\p{Cs}]+/gu, " ")
    .trim();
  return [...account].slice(0, MAX_LABEL_LENGTH).join("").trim() || null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
