/** What every rule is given: the world, as arguments. */
import type { Keyring } from "./encryption.js";
import type { Report } from "./events.js";
import type { Passwords } from "./password.js";
import type { Policy } from "./policy.js";
import type { Store } from "./store.js";

export interface AuthContext {
  store: Store;
  /** Unix milliseconds. */
  clock: () => number;
  /** n cryptographically random bytes. */
  random: (n: number) => Uint8Array;
  keys: Keyring;
  policy: Policy;
  passwords: Passwords;
  report: Report;
  /** The name that authenticator apps show (the issuer). */
  issuer: string;
}

/** The browser at the other end. */
export interface Client {
  address: string;
  /** Its User-Agent, as sent. */
  device: string;
  /** Whether the demo account is open to it. */
  mayUseDemo: boolean;
}

/** 128 random bits as text. */
export function newId(random: AuthContext["random"]): string {
  return Buffer.from(random(16)).toString("base64url");
}
