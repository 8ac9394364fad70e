/** `latchkey totp diagnose`: says why a code is refused, for a person who has the secret. */
import type { Diagnosis } from "../auth/index.js";
import type { STANDARD_PARAMETERS } from "../otp/index.js";
import { readArguments } from "./arguments.js";
import type { Command } from "./command.js";
import {
  codeDigits,
  NOT_VALID,
  print,
  readSecret,
  readTotp,
  TOTP_DETAILS,
  totpOptions,
  VALID,
  VERIFY_DETAILS,
} from "./otp-arguments.js";

export const totpDiagnose: Command = {
  usage: "latchkey totp diagnose SECRET CODE [--algorithm A] [--digits N] [--period S] [--at TIME] [--json]",
  summary: "Says why a code is refused.",
  details: `${TOTP_DETAILS}
${VERIFY_DETAILS}
Looks 20 time steps either side, at other time zones, at other settings, and at entries that count their codes.`,
  async run(args, io) {
    const { given, options } = readArguments(args, totpDiagnose, ["SECRET", "CODE"], totpOptions);
    const { parameters, time } = readTotp(options, io);
    const secret = readSecret(given.SECRET, io);
    const { diagnose } = await import("../auth/index.js");
    const diagnosis = diagnose(secret, codeDigits(given.CODE), time, parameters);
    if (diagnosis === undefined) {
      print(io, options, "valid", { valid: true });
      return VALID;
    }
    print(io, options, `not valid: ${sentence(diagnosis, parameters)}`, { valid: false, ...diagnosis });
    return NOT_VALID;
  },
};

function sentence(diagnosis: Diagnosis, { period }: typeof STANDARD_PARAMETERS): string {
  switch (diagnosis.reason) {
    case "earlier-step":
      return `it was right ${diagnosis.seconds} s ago, so the clock that made it is behind by as much, or it was typed late.`;
    case "later-step":
      return `it is right in ${diagnosis.seconds} s, so the clock that made it is ahead by as much.`;
    case "other-algorithm":
      return `it was made with ${diagnosis.algorithm}.`;
    case "other-digits":
      return `it was made with ${diagnosis.digits} digits.`;
    case "other-period":
      return `it was made with time steps of ${diagnosis.period} s, not ${period}.`;
    case "counter-based":
      return `it is the HOTP code at counter ${diagnosis.counter}: the entry counts codes and should follow the time.`;
    default:
      return "it is not a code of this secret around that time, nor with another setting.";
  }
}
