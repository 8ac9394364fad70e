/** The product on its database: keys and storage put under auth/. */
import { randomBytes } from "node:crypto";
import { createAuth, createKeyring, type Report } from "./auth/index.js";
import type { Config } from "./config/config.js";
import { developmentKey, keyFile } from "./development-key.js";
import { inWords, openStore, refuseOpen } from "./storage/index.js";

/** A server reports events at once; those of the command line wait for a server. */
type Reporting = { report: Report } | { operator: string };

/**
 * `close` when done.
 * @throws SealError, StoreUnavailable, or an Error with a sentence: no development key, a database of a newer version
 */
export async function openAuth(config: Config, reporting: Reporting) {
  const keys = createKeyring(config.secrets ?? [keyIn(config.dataDir)]);
  const store = await openStore(config);
  const { policy, appName: issuer } = config;
  const world = { store, clock: Date.now, random: randomBytes, keys, policy, issuer };
  const auth = createAuth({ report: () => {}, ...world, ...reporting });
  try {
    await auth.prepare();
  } catch (error) {
    await store.close();
    throw error;
  }
  return { auth, cookieSecrets: keys.cookieSecrets, close: () => store.close() };
}

/** The key of a data directory, generated if there is none. @throws Error with a sentence */
export function keyIn(dataDir: string): string {
  try {
    refuseOpen(keyFile(dataDir));
    return developmentKey(dataDir);
  } catch (cause) {
    throw new Error(`The key ${keyFile(dataDir)} cannot be used: ${inWords(cause)}.`, { cause });
  }
}
