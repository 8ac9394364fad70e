/** The product on its database: keys and storage put under auth/. */
import { randomBytes } from "node:crypto";
import { createAuth, createKeyring, type Report } from "./auth/index.js";
import type { Config } from "./config.js";
import { developmentKey } from "./development-key.js";
import { openStore } from "./storage/index.js";

/**
 * `close` when done.
 * @throws SealError, StoreUnavailable, or an Error with a sentence: no development key, a database of a newer version
 */
export async function openAuth(config: Config, report: Report) {
  const keys = createKeyring(config.secrets ?? [developmentKey(config.dataDir)]);
  const store = await openStore(config);
  const { policy, appName: issuer } = config;
  const auth = createAuth({ store, clock: Date.now, random: randomBytes, keys, policy, report, issuer });
  try {
    await auth.prepare();
  } catch (error) {
    await store.close();
    throw error;
  }
  return { auth, cookieSecrets: keys.cookieSecrets, close: () => store.close() };
}
