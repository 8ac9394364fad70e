/** Opens auth/ on a database in memory, with the clock and the outages of a test. Tests: test/testing/accounts.test.ts */
import { createKeyring, createTestAuth, type TestAuth } from "../auth/index.js";
import type { Config } from "../config/config.js";
import { authOn, type OpenedAuth, type Reporting } from "../open-auth.js";
import { openMemoryStore } from "../storage/index.js";
import { failingStore, type Outage } from "./outage.js";

interface Ground {
  clock: () => number;
  outage: Outage;
}

export async function openTestAuth(
  config: Config,
  reporting: Reporting,
  { clock, outage }: Ground,
): Promise<OpenedAuth<TestAuth>> {
  const store = await openMemoryStore();
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= store.close();
    return closed;
  };
  const ground = {
    store: { ...failingStore(store, outage), close },
    // The kit always gives APP_SECRETS: without any, a server reads a file.
    keys: createKeyring(config.secrets ?? [""]),
    clock,
  };
  return authOn(createTestAuth, ground, config, reporting);
}
