/**
 * Keyed hashes, for values that must be found again but never read: typed names and client addresses.
 * Tests: test/security/stolen-database.test.ts, test/auth/operator/key-rotation.test.ts
 */
import { createHmac } from "node:crypto";
import type { Store } from "../store.js";
import type { Keyring } from "./encryption.js";

/** The name of the stored key, and what it is sealed for. Never change it: the row is found by it. */
export const HASH_KEY_NAME = "fingerprint key";

export interface KeyedHashes {
  /**
   * Loads the key; the very first start makes it. It is stored sealed in the database, not derived from APP_SECRETS, so counts
   * survive a key rotation, on every node.
   * @throws SealError, StoreUnavailable
   */
  load(): Promise<void>;
  /** @throws Error before the key was loaded */
  of(purpose: string, value: string): string;
}

export function createKeyedHashes(parts: {
  store: Store;
  keys: Keyring;
  random: (bytes: number) => Uint8Array;
}): KeyedHashes {
  const { store, keys, random } = parts;
  let key: Uint8Array | undefined;
  return {
    async load() {
      const fresh = keys.seal(random(32), HASH_KEY_NAME, random(12));
      key = keys.open(await store.sealed.insertOrGet(HASH_KEY_NAME, fresh), HASH_KEY_NAME);
    },
    of(purpose, value) {
      if (!key) throw new Error("The key of the keyed hashes was not loaded.");
      return createHmac("sha256", key).update(`${purpose}\n${value}`).digest("base64url");
    },
  };
}
