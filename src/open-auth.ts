/**
 * Opens auth/ on its database: reads or generates the key, opens the storage, and puts both together.
 * Tests: test/storage/migrations.test.ts, test/security/dropped-keys.test.ts
 */
import { randomBytes } from "node:crypto";
import { createAuth, createKeyring, type HostUsers, type Report } from "./auth/index.js";
import type { Config } from "./config/config.js";
import { developmentKey, keyFile } from "./development-key.js";
import { assertPrivate, openStore, reasonOf } from "./storage/index.js";

/** A server reports events at once; the command line records them under its operator's name, for a server to report. */
type Reporting = { report: Report; unnamedApp: string; users?: HostUsers | undefined } | { operator: string };

/**
 * Opens auth/ and returns it with the secrets for cookies. Call `close` when done.
 * @throws SealError, StoreUnavailable, or an Error with a sentence: no development key, a database from a newer version
 */
export async function openAuth(config: Config, reporting: Reporting) {
  const keys = createKeyring(config.secrets ?? [keyIn(config.dataDir)]);
  const store = await openStore(config);
  const { policy, appName: issuer } = config;
  const context = { store, clock: Date.now, random: randomBytes, keys, policy, issuer };
  const auth = createAuth({ report: () => {}, ...context, ...reporting });
  try {
    await auth.prepare();
  } catch (error) {
    await store.close();
    throw error;
  }
  return { auth, cookieSecrets: keys.cookieSecrets, close: () => store.close() };
}

/** The key in a data directory, generated if it is missing. @throws Error with a sentence */
export function keyIn(dataDir: string): string {
  try {
    assertPrivate(keyFile(dataDir));
    return developmentKey(dataDir);
  } catch (cause) {
    throw new Error(`The key ${keyFile(dataDir)} cannot be used: ${reasonOf(cause)}.`, { cause });
  }
}
