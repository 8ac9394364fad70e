/**
 * The policy's numbers, worded for pages: no text of a page spells them out itself.
 * Tests: test/policy-numbers.test.ts
 */
import {
  HISTORY_RETENTION,
  LOW_RECOVERY_CODES,
  MAX_AUTHENTICATORS,
  MAX_NAME_LENGTH,
  PASSWORD_LENGTH,
  RECOVERY_CODES,
  SEARCH_MS,
} from "../../auth/index.js";
import { duration, inWords } from "./format.js";

export const NUMBERS = {
  /** "ten" */
  recoveryCodes: inWords(RECOVERY_CODES),
  /** "10" */
  sheetSize: String(RECOVERY_CODES),
  lowRecoveryCodes: LOW_RECOVERY_CODES,
  maxAuthenticators: MAX_AUTHENTICATORS,
  /** "90 days" */
  history: duration(HISTORY_RETENTION),
  /** "ten minutes": how far a clock may be off and still be recognised. */
  clockSearch: `${inWords(SEARCH_MS / 60_000)} minutes`,
  /** "64" */
  maxName: String(MAX_NAME_LENGTH),
  /** "8" */
  minPassword: String(PASSWORD_LENGTH.min),
  /** "1,024" */
  maxPassword: PASSWORD_LENGTH.max.toLocaleString("en-GB"),
} as const;
