/**
 * The pools of the throttle: whose failures are counted together, and under which name.
 * Tests: test/security/guessing-passwords.test.ts, test/security/guessing-codes.test.ts
 */
import ipaddr from "ipaddr.js";
import type { AuthContext, Client } from "../context.js";
import { normaliseUsername } from "../passwords/username.js";
import type { Account, Store } from "../store.js";
import { knownBrowser } from "./known-browsers.js";

/** A counted attempt. Until one of these is called, it stands as a failure. */
export interface Attempt {
  /** The attempt was right: clears its own pool. */
  clear(store: Store): Promise<void>;
  /** The attempt was never evaluated: takes its count back. */
  refund(): Promise<void>;
}

/** A password attempt: whose, and from where. */
export interface PasswordGuess {
  /** As typed, or the session's own. */
  username: string;
  /** What the throttle counts by, where a host app checks passwords; else the typed name as it is stored. */
  countedAs?: string | undefined;
  /** Set only if the account is known from the device cookie or the session, never from the typed name. */
  owner?: { accountId: string; username: string; family?: string } | undefined;
  /** The owner's known browser that sent it; undefined for a stranger. */
  browser?: string | undefined;
}

export interface PasswordPools {
  /** Undefined for a known browser. */
  address: string | undefined;
  name: string;
  /** Set for a known browser: the account that its pool belongs to. */
  accountId: string | undefined;
}

export function passwordPoolsOf(
  auth: AuthContext,
  { username, countedAs = normaliseUsername(username), owner, browser }: PasswordGuess,
  client: Client,
): PasswordPools {
  if (owner && browser !== undefined) {
    const { accountId } = owner;
    return { address: undefined, name: `password ${accountId} ${browser}`, accountId };
  }
  const address = auth.keyedHashes.of("throttle address", networkOf(client.address));
  return { address, name: passwordPoolOf(auth, countedAs), accountId: undefined };
}

/** A keyed hash: people type passwords into the name field, and unknown names are counted too. */
export function strangersPasswordPool(auth: AuthContext, username: string): string {
  return passwordPoolOf(auth, normaliseUsername(username));
}

function passwordPoolOf(auth: AuthContext, countedAs: string): string {
  return auth.keyedHashes.of("throttle password", countedAs);
}

/** Plain ids: they are random and stored beside the count, so a keyed hash would hide nothing. */
export function secondFactorPool(auth: AuthContext, account: Account, client: Client): string {
  const browser = knownBrowser(auth, account, client);
  return browser ? `second-factor ${account.id} ${browser}` : strangersCodePool(account.id);
}

export function strangersCodePool(accountId: string): string {
  return `second-factor ${accountId}`;
}

/** An IPv4 address, or the /64 of an IPv6 one: every home, and every attacker, has that many addresses. */
function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv6) return `${parsed.parts.slice(0, 4).join(":")}/64`;
  return parsed.toString();
}
