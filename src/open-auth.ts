/**
 * Opens auth/ on its database: reads or generates the key, opens the storage, and puts both together.
 * Tests: test/storage/migrations.test.ts, test/security/dropped-keys.test.ts
 */
import { randomBytes } from "node:crypto";
import { type Auth, createAuth, createKeyring, type HostUsers, type Report } from "./auth/index.js";
import type { Config } from "./config/config.js";
import { developmentKey, keyFile } from "./development-key.js";
import { assertPrivate, openStore, reasonOf } from "./storage/index.js";

/** A server reports events at once; the command line records them under its operator's name, for a server to report. */
export type Reporting =
  | { report: Report; unnamedApp: string; users?: HostUsers | undefined }
  | { operator: string };

/** auth/ on an open database, and the secrets for cookies. Call `close` when done. */
export interface OpenedAuth<OurAuth extends Auth = Auth> {
  auth: OurAuth;
  cookieSecrets: string[];
  close(): Promise<void>;
}

/**
 * Opens auth/ on the database of the settings.
 * @throws SealError, StoreUnavailable, or an Error with a sentence: no development key, a database from a newer version
 */
export async function openAuth(config: Config, reporting: Reporting): Promise<OpenedAuth> {
  const keys = createKeyring(config.secrets ?? [keyIn(config.dataDir)]);
  const store = await openStore(config);
  return authOn(createAuth, { store, keys, clock: Date.now }, config, reporting);
}

/** Puts auth/ on an open store, which it closes after a failure. @throws SealError, StoreUnavailable */
export async function authOn<OurAuth extends Auth>(
  create: (parts: Parameters<typeof createAuth>[0]) => OurAuth,
  ground: Pick<Parameters<typeof createAuth>[0], "store" | "keys" | "clock">,
  { policy, appName: issuer }: Config,
  reporting: Reporting,
): Promise<OpenedAuth<OurAuth>> {
  const { store, keys } = ground;
  const auth = create({ report: () => {}, ...ground, random: randomBytes, policy, issuer, ...reporting });
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
