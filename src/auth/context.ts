/** The context that every operation gets: storage, clock, randomness, keys and policy, as arguments. Tests: test/random.test.ts */
import type { Drifts } from "./clock/drifts.js";
import type { About, SecurityEvent } from "./events.js";
import type { Keyring } from "./keys/encryption.js";
import type { KeyedHashes } from "./keys/keyed-hashes.js";
import type { Passwords } from "./passwords/password.js";
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
  keyedHashes: KeyedHashes;
  drifts: Drifts;
  /**
   * Sends an event to the log, the metrics and listeners: after the commit, or at once where nothing is stored. Not called on the
   * command line, whose events wait in the database.
   */
  report: (event: SecurityEvent) => void;
  /**
   * Who runs the command line; undefined in a server. The command line has no log and no metrics, so its events wait in the
   * database until a server reports them.
   */
  operator?: string | undefined;
  /** Where a host app keeps people and passwords: then passwords of Latchkey's own are not looked at. */
  users?: HostUsers | undefined;
  /** The name that authenticator apps show (the issuer). */
  issuer: string;
  /** What an authenticator is called that its owner did not name, in the site's language; by default in English. */
  unnamedApp?: string | undefined;
}

/** What a host app answers about its people. Its answers are of any shape until they are read; see host-check.ts. */
export interface HostUsers {
  checkPassword(username: string, password: string): unknown;
  normaliseUsername?(username: string): unknown;
}

/** The browser at the other end. */
export interface Client {
  /** Names the request in the log. */
  requestId: string;
  address: string;
  /** Its User-Agent, as sent. */
  userAgent: string;
  /** Whether the demo account is open to it. */
  mayUseDemo: boolean;
  /** The device cookies that it holds, one for each account that has signed in here; see known-browsers.ts. */
  knownBrowserCookies: readonly string[];
  /** The trusted-device tokens that it holds; see trusted-devices.ts. */
  trustedTokens: readonly string[];
}

/** The account an event is about, and where it came from. Leaves out names that do not exist. */
export function aboutOf(owner: Owner | undefined, client: Client): About {
  const from = { address: client.address, device: deviceOf(client), requestId: client.requestId };
  if (!owner) return from;
  const { accountId, username, family } = owner;
  return { accountId, username, ...from, ...(family !== undefined && { family }) };
}

interface Owner {
  accountId: string;
  username: string;
  /** Of the pending login or session that did it. */
  family?: string;
}

/** What a row keeps of a User-Agent. */
export function deviceOf(client: Client): string {
  return client.userAgent.slice(0, 256);
}

/** 128 random bits as text. */
export function newId(random: AuthContext["random"]): string {
  return Buffer.from(random(16)).toString("base64url");
}
