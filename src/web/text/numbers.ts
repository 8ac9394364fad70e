/**
 * The policy's numbers, the site's name and whom to contact: what any message of the catalogue can use, without being passed. No
 * text of a page spells a number out itself.
 * Tests: test/policy-numbers.test.ts
 */
import {
  HISTORY_RETENTION,
  LOW_RECOVERY_CODES,
  MAX_AUTHENTICATORS,
  MAX_NAME_LENGTH,
  PASSWORD_LENGTH,
  PASSWORD_PROOF_LASTS,
  RECOVERY_CODES,
  SEARCH_MS,
} from "../../auth/index.js";
import type { Config } from "../../config/config.js";
import { contactMessage } from "./contact.js";

/** Durations are in milliseconds, for DURATION. */
export const NUMBERS = {
  recoveryCodes: RECOVERY_CODES,
  lowRecoveryCodes: LOW_RECOVERY_CODES,
  maxAuthenticators: MAX_AUTHENTICATORS,
  history: HISTORY_RETENTION,
  /** How far a clock may be off and still be recognised. */
  clockSearch: SEARCH_MS,
  /** How long a proved password is accepted at a step-up. */
  passwordProof: PASSWORD_PROOF_LASTS,
  maxName: MAX_NAME_LENGTH,
  minPassword: PASSWORD_LENGTH.min,
  maxPassword: PASSWORD_LENGTH.max,
} as const;

/** The constants of every catalogue: `{ $app }`, `{ $contact }` and the numbers. */
export function constantsOf({ appName, contact }: Pick<Config, "appName" | "contact">) {
  return { app: appName, contact: contactMessage(contact), ...NUMBERS };
}
