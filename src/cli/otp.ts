/** The commands for one-time passwords: secrets, and the codes that belong to them. */
import {
  type Algorithm,
  AUTHENTICATOR_APP,
  fromBase32,
  type HotpParameters,
  hotpAt,
  InvalidSecretError,
  MAX_SECRET_BYTES,
  MAX_WINDOW,
  matchingCounter,
  matchingStep,
  timeStep,
  toBase32,
  toHex,
  totpAt,
} from "../otp/index.js";
import { readArguments, wholeNumber } from "./arguments.js";
import { type Command, type Commands, type Io, UsageError } from "./command.js";
import { readTime } from "./time.js";

const VALID = 0;
const NOT_VALID = 1;

/** What RFC 4226 §4, R6 demands; 20 is what it recommends. */
const LEAST_SECRET_BYTES = 16;
const RECOMMENDED_SECRET_BYTES = "20";

const hotpOptions = {
  algorithm: { type: "string" },
  digits: { type: "string" },
  json: { type: "boolean" },
} as const;
const totpOptions = { ...hotpOptions, period: { type: "string" }, at: { type: "string" } } as const;
const windowOption = { window: { type: "string" } } as const;

const HOTP_DETAILS = `  SECRET         base32; case, spaces and hyphens do not matter
  --algorithm A  SHA1 (default), SHA256 or SHA512
  --digits N     6 (default), 7 or 8`;
const TOTP_DETAILS = `${HOTP_DETAILS}
  --period S     length of a time step in seconds, 30 by default
  --at TIME      Unix seconds or ISO 8601 (UTC unless it names a zone), now by default`;
const JSON_DETAILS = "  --json         print one line of JSON";
const VERIFY_DETAILS = `${JSON_DETAILS}\nExit code: 0 valid, 1 not valid, 2 misused.`;

const secret: Command = {
  usage: "latchkey secret [--hex] [--bytes N] [--json]",
  summary: "Makes a random secret.",
  details: `  --hex          print it as hex, not base32
  --bytes N      its length, ${RECOMMENDED_SECRET_BYTES} by default
${JSON_DETAILS}`,
  async run(args, io) {
    const { options } = readArguments(args, secret, [], {
      hex: { type: "boolean" },
      bytes: { type: "string" },
      json: { type: "boolean" },
    });
    const length = wholeNumber(options.bytes ?? RECOMMENDED_SECRET_BYTES, "--bytes", 1, MAX_SECRET_BYTES);
    warnIfShort(length, io);
    const bytes = io.random(length);
    const text = options.hex ? toHex(bytes) : toBase32(bytes);
    print(io, options, text, { secret: text, encoding: options.hex ? "hex" : "base32", bytes: length });
    return 0;
  },
};

const totpNow: Command = {
  usage: "latchkey totp now SECRET [--algorithm A] [--digits N] [--period S] [--at TIME] [--json]",
  summary: "Prints the code that an authenticator app shows.",
  details: `${TOTP_DETAILS}\n${JSON_DETAILS}`,
  async run(args, io) {
    const { given, options } = readArguments(args, totpNow, ["SECRET"], totpOptions);
    const { parameters, time } = readTotp(options, io);
    const code = totpAt(readSecret(given.SECRET, io), time, parameters);
    const step = timeStep(time, parameters.period);
    const expiresIn = (step + 1) * parameters.period - Math.floor(time);
    print(io, options, code, { code, timeStep: step, expiresIn });
    return 0;
  },
};

const totpVerify: Command = {
  usage:
    "latchkey totp verify SECRET CODE [--window N] [--algorithm A] [--digits N] [--period S] [--at TIME] [--json]",
  summary: "Checks a code against the time.",
  details: `${TOTP_DETAILS}\n  --window N     time steps accepted either side, 1 by default\n${VERIFY_DETAILS}`,
  async run(args, io) {
    const { given, options } = readArguments(args, totpVerify, ["SECRET", "CODE"], {
      ...totpOptions,
      ...windowOption,
    });
    const { parameters, time } = readTotp(options, io);
    const window = wholeNumber(options.window ?? "1", "--window", 0, MAX_WINDOW);
    const step = matchingStep(readSecret(given.SECRET, io), bare(given.CODE), time, window, parameters);
    const found = step !== undefined && { timeStep: step, drift: step - timeStep(time, parameters.period) };
    return printVerdict(io, options, found);
  },
};

const hotpAtCounter: Command = {
  usage: "latchkey hotp at SECRET COUNTER [--algorithm A] [--digits N] [--json]",
  summary: "Prints the code at a counter.",
  details: `${HOTP_DETAILS}\n${JSON_DETAILS}`,
  async run(args, io) {
    const { given, options } = readArguments(args, hotpAtCounter, ["SECRET", "COUNTER"], hotpOptions);
    const counter = readCounter(given.COUNTER);
    const parameters = readHotp(options);
    const code = hotpAt(readSecret(given.SECRET, io), counter, parameters);
    print(io, options, code, { code, counter });
    return 0;
  },
};

const hotpVerify: Command = {
  usage: "latchkey hotp verify SECRET CODE COUNTER [--window N] [--algorithm A] [--digits N] [--json]",
  summary: "Checks a code against a counter.",
  details: `${HOTP_DETAILS}\n  --window N     counters accepted beyond COUNTER, 0 by default\n${VERIFY_DETAILS}`,
  async run(args, io) {
    const { given, options } = readArguments(args, hotpVerify, ["SECRET", "CODE", "COUNTER"], {
      ...hotpOptions,
      ...windowOption,
    });
    const counter = readCounter(given.COUNTER);
    const parameters = readHotp(options);
    const lookAhead = wholeNumber(options.window ?? "0", "--window", 0, MAX_WINDOW);
    const match = matchingCounter(
      readSecret(given.SECRET, io),
      bare(given.CODE),
      counter,
      lookAhead,
      parameters,
    );
    return printVerdict(io, options, match !== undefined && { counter: match });
  },
};

export const commands: Commands = {
  secret,
  "totp now": totpNow,
  "totp verify": totpVerify,
  "hotp at": hotpAtCounter,
  "hotp verify": hotpVerify,
};

interface HotpOptions {
  algorithm?: string | undefined;
  digits?: string | undefined;
}

interface TotpOptions extends HotpOptions {
  period?: string | undefined;
  at?: string | undefined;
}

function readTotp(options: TotpOptions, io: Io) {
  const period = wholeNumber(options.period ?? String(AUTHENTICATOR_APP.period), "--period", 1, 3600);
  const time = options.at === undefined ? io.now() / 1000 : readTime(options.at);
  return { parameters: { ...readHotp(options), period }, time };
}

function readHotp(options: HotpOptions): HotpParameters {
  return {
    algorithm:
      options.algorithm === undefined ? AUTHENTICATOR_APP.algorithm : readAlgorithm(options.algorithm),
    digits: options.digits === undefined ? AUTHENTICATOR_APP.digits : readDigits(options.digits),
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

function readCounter(text: string): number {
  return wholeNumber(text, "COUNTER", 0, Number.MAX_SAFE_INTEGER);
}

function readSecret(text: string, io: Io): Uint8Array {
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

function warnIfShort(bytes: number, io: Io): void {
  if (bytes >= LEAST_SECRET_BYTES) return;
  io.stderr.write(
    `latchkey: warning: this secret has ${bytes * 8} bits, and RFC 4226 asks for at least 128.\n`,
  );
}

/** Apps show codes in groups, and people type them so. */
function bare(code: string): string {
  return code.replace(/[\s-]/g, "");
}

function printVerdict(io: Io, options: { json?: boolean | undefined }, found: false | object): number {
  const valid = found !== false;
  print(io, options, valid ? "valid" : "not valid", { valid, ...found });
  return valid ? VALID : NOT_VALID;
}

function print(io: Io, { json }: { json?: boolean | undefined }, text: string, answer: object): void {
  io.stdout.write(`${json ? JSON.stringify(answer) : text}\n`);
}
