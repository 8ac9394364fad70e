/** Keyed hashes, for what must be found again but never read: names that do not exist, addresses. */
import { createHmac } from "node:crypto";
import type { Store } from "../store.js";
import type { Keyring } from "./encryption.js";

/** What the kept key is sealed for. */
export const HASH_KEY = "fingerprint key";

export interface KeyedHashes {
  /**
   * Reads the key, which the first start of all has made. It is kept in the database, sealed, and not derived from
   * APP_SECRETS: what was counted goes on while keys are rotated, on every node alike.
   * @throws SealError, StoreUnavailable
   */
  load(): Promise<void>;
  /** @throws Error before the key was loaded */
  of(purpose: string, value: string): string;
}

export function createKeyedHashes(world: {
  store: Store;
  keys: Keyring;
  random: (bytes: number) => Uint8Array;
}): KeyedHashes {
  const { store, keys, random } = world;
  let key: Uint8Array | undefined;
  return {
    async load() {
      const fresh = keys.seal(random(32), HASH_KEY, random(12));
      key = keys.open(await store.sealed.insertOrGet(HASH_KEY, fresh), HASH_KEY);
    },
    of(purpose, value) {
      if (!key) throw new Error("The key of the keyed hashes was not loaded.");
      return createHmac("sha256", key).update(`${purpose}\n${value}`).digest("base64url");
    },
  };
}
