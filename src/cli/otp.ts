/** The commands for one-time passwords (HOTP and TOTP): they make secrets, and print and verify codes. */
import {
  hotpAt,
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
import type { Command, Commands, Io } from "./command.js";
import {
  codeDigits,
  HOTP_DETAILS,
  hotpOptions,
  JSON_DETAILS,
  NOT_VALID,
  print,
  readHotp,
  readSecret,
  readTotp,
  TOTP_DETAILS,
  totpOptions,
  VALID,
  VERIFY_DETAILS,
  warnIfShort,
} from "./otp-arguments.js";
import { totpDiagnose } from "./totp-diagnose.js";

/** The recommendation of RFC 4226 §4, R6. */
const RECOMMENDED_SECRET_BYTES = "20";

const windowOption = { window: { type: "string" } } as const;

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
    const step = matchingStep(readSecret(given.SECRET, io), codeDigits(given.CODE), time, window, parameters);
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
      codeDigits(given.CODE),
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
  "totp diagnose": totpDiagnose,
  "hotp at": hotpAtCounter,
  "hotp verify": hotpVerify,
};

function readCounter(text: string): number {
  return wholeNumber(text, "COUNTER", 0, Number.MAX_SAFE_INTEGER);
}

function printVerdict(io: Io, options: { json?: boolean | undefined }, found: false | object): number {
  const valid = found !== false;
  print(io, options, valid ? "valid" : "not valid", { valid, ...found });
  return valid ? VALID : NOT_VALID;
}
