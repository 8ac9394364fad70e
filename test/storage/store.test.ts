/** The storage contract: all that auth/ relies on in a store, the same on SQLite and on PostgreSQL. */
import { describe } from "vitest";
import type { Store } from "../../src/auth/store.js";
import { openStore } from "../../src/storage/index.js";
import { emptyTables, newDatabase } from "../support/database.js";
import { newFolder } from "../support/new-folder.js";
import { accountChangesContract } from "./contract/account-changes.js";
import { accountsContract } from "./contract/accounts.js";
import { authenticatorsContract } from "./contract/authenticators.js";
import { driftsContract } from "./contract/drifts.js";
import { enrolmentsContract } from "./contract/enrolments.js";
import { eventsContract } from "./contract/events.js";
import { lastStepsAheadContract } from "./contract/future-steps.js";
import { historyContract } from "./contract/history.js";
import { importedPasswordsContract } from "./contract/imported-passwords.js";
import { linksContract } from "./contract/links.js";
import { openBeforeEach } from "./contract/opened.js";
import { recoveryCodesContract } from "./contract/recovery-codes.js";
import { sessionsContract } from "./contract/sessions.js";
import { throttleContract } from "./contract/throttle.js";
import { transactionsContract } from "./contract/transactions.js";
import { trustedDevicesContract } from "./contract/trusted-devices.js";

let databaseUrl: string | undefined;

/** A new, empty store of each engine. */
const EMPTY_STORES: [engine: string, open: () => Promise<Store>][] = [
  ["SQLite", () => openStore({ dataDir: newFolder() })],
  [
    "PostgreSQL",
    async () => {
      databaseUrl ??= await newDatabase();
      await emptyTables(databaseUrl);
      return openStore({ dataDir: "unused", databaseUrl });
    },
  ],
];

describe.each(EMPTY_STORES)("a store on %s", (_engine, open) => {
  openBeforeEach(open);

  accountsContract();
  accountChangesContract();
  importedPasswordsContract();
  authenticatorsContract();
  lastStepsAheadContract();
  sessionsContract();
  enrolmentsContract();
  recoveryCodesContract();
  trustedDevicesContract();
  linksContract();
  historyContract();
  throttleContract();
  driftsContract();
  eventsContract();
  transactionsContract();
});
