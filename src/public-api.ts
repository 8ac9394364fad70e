/** What an app imports from the package: createLatchkey, and the types around it. */
import { assemble } from "./latchkey.js";
import { openAuth } from "./open-auth.js";
import type { Latchkey, LatchkeyOptions } from "./public-types.js";

export type {
  Account,
  AccountChanges,
  AccountList,
  Accounts,
  Attributes,
  ImportReport,
  ImportRow,
  NewAccount,
  OneTimeLink,
  Refusal,
} from "./public-accounts.js";
export type { SecurityEvent } from "./public-events.js";
export type {
  Demand,
  HostUser,
  HostUsers,
  Latchkey,
  LatchkeyOptions,
  SessionAccount,
  SignedIn,
} from "./public-types.js";

/**
 * Opens the database, creating it if it is missing, and builds the app on it.
 * @throws Error with a sentence for the operator: about settings, colours, views, keys or the database
 */
export function createLatchkey(options: LatchkeyOptions = {}): Promise<Latchkey> {
  return assemble(options, openAuth);
}
