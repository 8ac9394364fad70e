/** Parses the six digits as people type them. */
import { typedDigits } from "../../otp/index.js";

/** The six ASCII digits of a typed code; undefined when it is not a code. Accepts the digits of any script, with separators. */
export function parseCode(typed: string): string | undefined {
  const bare = typedDigits(typed);
  return bare?.length === 6 ? bare : undefined;
}

/** The same for a code of another length, as an app with other settings shows it: 6 to 8 digits. */
export function parseDigits(typed: string): string | undefined {
  const bare = typedDigits(typed);
  return bare !== undefined && bare.length >= 6 && bare.length <= 8 ? bare : undefined;
}
