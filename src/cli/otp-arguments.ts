/**
 * Shared by the commands for one-time passwords: their options, how these are parsed, and how an answer is printed.
 * Tests: test/cli/otp.test.ts
 */
import {
  type Algorithm,
  fromBase32,
  type HotpParameters,
  InvalidSecretError,
  MAX_SECRET_BYTES,
  STANDARD_PARAMETERS,
  typedDigits,
} from "../otp/index.js";
import { wholeNumber } from "./arguments.js";
import { type Io, UsageError } from "./command.js";
import { readTime } from "./time.js";

/** Exit codes. */
export const VALID = 0;
export const NOT_VALID = 1;

/** The minimum of RFC 4226 §4, R6. */
const MIN_SECRET_BYTES = 16;

export const hotpOptions = {
  algorithm: { type: "string" },
  digits: { type: "string" },
  json: { type: "boolean" },
} as const;
export const totpOptions = { ...hotpOptions, period: { type: "string" }, at: { type: "string" } } as const;

export const HOTP_DETAILS = `  SECRET         base32; case, spaces and hyphens do not matter
  --algorithm A  SHA1 (default), SHA256 or SHA512
  --digits N     6 (default), 7 or 8`;
export const TOTP_DETAILS = `${HOTP_DETAILS}
  --period S     length of a time step in seconds, 30 by default
  --at TIME      Unix seconds or ISO 8601 (UTC unless it names a zone), now by default`;
export const JSON_DETAILS = "  --json         print one line of JSON";
export const VERIFY_DETAILS = `${JSON_DETAILS}\nExit code: 0 valid, 1 not valid, 2 misused.`;

interface HotpOptions {
  algorithm?: string | undefined;
  digits?: string | undefined;
}

interface TotpOptions extends HotpOptions {
  period?: string | undefined;
  at?: string | undefined;
}

export function readTotp(options: TotpOptions, io: Io) {
  const period = wholeNumber(options.period ?? String(STANDARD_PARAMETERS.period), "--period", 1, 3600);
  const time = options.at === undefined ? io.now() / 1000 : readTime(options.at);
  return { parameters: { ...readHotp(options), period }, time };
}

export function readHotp(options: HotpOptions): HotpParameters {
  return {
    algorithm:
      options.algorithm === undefined ? STANDARD_PARAMETERS.algorithm : readAlgorithm(options.algorithm),
    digits: options.digits === undefined ? STANDARD_PARAMETERS.digits : readDigits(options.digits),
  };
}

/** "sha1", "SHA-1" and "SHA_1" are all SHA1. */
function readAlgorithm(text: string): Algorithm {
  const size = /^sha[-_]?(1|256|512)$/i.exec(text)?.[1] as "1" | "256" | "512" | undefined;
  if (size === undefined) throw new UsageError("--algorithm must be SHA1, SHA256 or SHA512.");
  return `SHA${size}`;
}

function readDigits(text: string): 6 | 7 | 8 {
  if (!/^[678]$/.test(text)) throw new UsageError("--digits must be 6, 7 or 8.");
  return Number(text) as 6 | 7 | 8;
}

/** Decodes a base32 secret, and warns about a short one. @throws UsageError */
export function readSecret(text: string, io: Io): Uint8Array {
  const bytes = decoded(text);
  if (bytes.length > MAX_SECRET_BYTES) {
    throw new UsageError(`The secret is longer than ${MAX_SECRET_BYTES} bytes.`);
  }
  warnIfShort(bytes.length, io);
  return bytes;
}

function decoded(text: string): Uint8Array {
  try {
    return fromBase32(text);
  } catch (error) {
    throw error instanceof InvalidSecretError ? new UsageError(error.message) : error;
  }
}

export function warnIfShort(bytes: number, io: Io): void {
  if (bytes >= MIN_SECRET_BYTES) return;
  io.stderr.write(
    `latchkey: warning: this secret has ${bytes * 8} bits, and RFC 4226 asks for at least 128.\n`,
  );
}

/** The digits of a code, with any separators removed; empty, which matches nothing, if the text is no code. */
export function codeDigits(code: string): string {
  return typedDigits(code) ?? "";
}

export function print(io: Io, { json }: { json?: boolean | undefined }, text: string, answer: object): void {
  io.stdout.write(`${json ? JSON.stringify(answer) : text}\n`);
}
