/** Slowing down guesses: an attempt is counted in the database before it is evaluated (ASVS 5.0 6.3.1, NIST SP 800-63B-4 §3.2.2). */
import ipaddr from "ipaddr.js";
import { type AuthContext, aboutOf, type Client } from "../context.js";
import { normaliseUsername } from "../passwords/username.js";
import { ADDRESS_RULE, LOCKOUT_AFTER, PASSWORD_RULE, SECOND_FACTOR_RULE } from "../policy.js";
import type { Refusal } from "../refusal.js";
import type { Account, Store } from "../store.js";
import { inTransaction, onAccount } from "../transaction.js";
import { knownBrowser } from "./known-browsers.js";
import { noteRefusal, repeatedRefusal, type SentCode } from "./repeated-codes.js";

/** A counted attempt, to be settled by one of these. Unsettled, it stands as a failure. */
interface Attempt {
  /** It was right: its own pool starts anew. */
  clear(store: Store): Promise<void>;
  /** It was never evaluated. */
  refund(): Promise<void>;
}

export type PasswordReservation =
  | { outcome: "allowed"; attempt: PasswordAttempt }
  | { outcome: "delayed"; until: number };

interface PasswordAttempt extends Attempt {
  /**
   * Evaluates it with one hash, whether `find` returns a stored hash or not. A failure withdraws the attempt.
   * @param password as `normalisePassword` gives it
   * @throws Overloaded, and what `find` throws
   */
  isRight(password: string, find: () => Promise<string | undefined>): Promise<boolean>;
}

/** A password attempt: whose, and from where. */
export interface PasswordGuess {
  /** As typed, or the session's own. */
  username: string;
  /** Set only if the account is known from the device cookie or the session, never from the typed name. */
  owner?: { accountId: string; username: string } | undefined;
  /** The owner's known browser that sent it; undefined for a stranger. */
  browser?: string | undefined;
}

/**
 * Asks for a password check. Strangers are counted by the name, known or not, and by their address; a known browser has
 * a count of its own, which nobody else can use up. During a delay nothing is counted, and no account is looked up by its name:
 * a refusal costs the same for a name that has an account and for one that has none. @throws Overloaded, StoreUnavailable
 */
export async function reservePasswordAttempt(
  auth: AuthContext,
  guess: PasswordGuess,
  client: Client,
): Promise<PasswordReservation> {
  const pools = passwordPools(auth, guess, client);
  const now = auth.clock();
  // Rejections only read, so a flood holds no row locks.
  const names = pools.address === undefined ? [pools.name] : [pools.address, pools.name];
  const until = await auth.store.throttle.delayedUntil(names, now);
  if (until !== undefined) {
    auth.report({ type: "password-delayed", ...aboutOf(guess.owner, client) });
    return { outcome: "delayed", until };
  }
  // Reserve the hash before counting: an attempt that is never evaluated must not count.
  const check = auth.passwords.reserve();
  const counted = await countPassword(auth, guess, client, pools, now).catch((error) => {
    check.release();
    throw error;
  });
  if (counted.outcome === "delayed") {
    check.release();
    return counted;
  }
  const { attempt } = counted;
  return {
    outcome: "allowed",
    attempt: {
      ...attempt,
      async isRight(password, find) {
        try {
          return await check.matches(password, await find());
        } catch (error) {
          check.release();
          await attempt.refund();
          throw error;
        }
      },
    },
  };
}

interface PasswordPools {
  /** Undefined for a known browser. */
  address: string | undefined;
  name: string;
  /** Set for a known browser: the account that its pool belongs to. */
  accountId: string | undefined;
}

function passwordPools(
  auth: AuthContext,
  { username, owner, browser }: PasswordGuess,
  client: Client,
): PasswordPools {
  if (owner && browser !== undefined) {
    const { accountId } = owner;
    return { address: undefined, name: `password ${accountId} ${browser}`, accountId };
  }
  const address = auth.keyedHashes.of("throttle address", networkOf(client.address));
  return { address, name: passwordPool(auth, username), accountId: undefined };
}

/** Counts an attempt in its pools, in one transaction, unless a delay began in the meantime. */
function countPassword(
  auth: AuthContext,
  guess: PasswordGuess,
  client: Client,
  { address, name, accountId }: PasswordPools,
  now: number,
): Promise<{ outcome: "counted"; attempt: Attempt } | { outcome: "delayed"; until: number }> {
  const delayed = { type: "password-delayed", ...aboutOf(guess.owner, client) } as const;
  return inTransaction(auth, async ({ store, record }) => {
    // Always the address first: two transactions that take the same rows in one order cannot deadlock.
    const byAddress =
      address === undefined ? undefined : await store.throttle.count(address, ADDRESS_RULE, now);
    if (byAddress && !byAddress.counted) {
      await record(delayed);
      return { outcome: "delayed", until: byAddress.until };
    }
    const refundAddress = async (during: Store) => {
      if (address !== undefined && byAddress) await during.throttle.refund(address, byAddress.since);
    };
    const byName = await store.throttle.count(name, PASSWORD_RULE, now, accountId);
    if (!byName.counted) {
      await refundAddress(store);
      await record(delayed);
      return { outcome: "delayed", until: byName.until };
    }
    const attempt: Attempt = {
      async clear(during) {
        await refundAddress(during);
        await during.throttle.clear(name);
      },
      refund: () =>
        auth.store.transaction(async (during) => {
          await refundAddress(during);
          await during.throttle.refund(name, byName.since);
        }),
    };
    return { outcome: "counted", attempt };
  });
}

interface CodeAttempt<R extends Refusal> extends Attempt {
  /** Remembers the refusal: the same code gets the same answer again within its time step. */
  refuse(store: Store, refusal: R): Promise<void>;
}

export type CodeReservation<R extends Refusal> =
  | { outcome: "allowed"; attempt: CodeAttempt<R> }
  /** This code was just refused: nothing is evaluated or counted. */
  | { outcome: "repeated"; refusal: R }
  | { outcome: "locked" }
  /** The account is gone. */
  | { outcome: "expired" };

/**
 * Asks for a second-factor check. Each known browser has a count of its own, all strangers have one together; a hundred
 * failures in all of them lock the account.
 */
export async function reserveCodeAttempt<R extends Refusal>(
  auth: AuthContext,
  typed: Omit<SentCode, "now">,
  client: Client,
): Promise<CodeReservation<R>> {
  const { owner } = typed;
  const now = auth.clock();
  const sent: SentCode = { ...typed, now };
  const gone: CodeReservation<R> = { outcome: "expired" };
  // Rejections only read, so a flood holds no row locks.
  const lock = await lockoutFor(auth, owner, client);
  if (lock) {
    const reason = lock === "until-unlocked" ? "lock" : "delay";
    auth.report({ type: "code-delayed", reason, ...aboutOf(owner, client) });
    return { outcome: "locked" };
  }
  const refusal = repeatedRefusal<R>(auth, sent);
  if (refusal) return { outcome: "repeated", refusal };
  // Several pools make up the sum: behind the account's lock one attempt at a time looks at it.
  return onAccount(
    auth,
    owner.accountId,
    gone,
    async ({ auth, account, store, record }): Promise<CodeReservation<R>> => {
      const about = aboutOf({ accountId: account.id, username: account.username }, client);
      const standing = await store.throttle.standing(account.id);
      if (standing >= LOCKOUT_AFTER) {
        await record({ type: "code-delayed", reason: "lock", ...about });
        return { outcome: "locked" };
      }
      const pool = secondFactorPool(auth, account, client);
      const counted = await store.throttle.count(pool, SECOND_FACTOR_RULE, auth.clock(), account.id);
      if (!counted.counted) {
        await record({ type: "code-delayed", reason: "delay", ...about });
        return { outcome: "locked" };
      }
      // Told as the last try is counted, before it is looked at: no other is counted until the lock is opened.
      if (standing + 1 === LOCKOUT_AFTER) await record({ type: "account-locked", ...about });
      return {
        outcome: "allowed",
        attempt: {
          clear: (during) => during.throttle.clear(pool),
          refuse: (during, refusal) => noteRefusal(auth, during, sent, refusal),
          refund: () => auth.store.throttle.refund(pool, counted.since),
        },
      };
    },
  );
}

export type Lockout = { until: number } | "until-unlocked";

/** Whether codes from this browser are refused unseen at the moment, and until when. */
export async function lockoutFor(
  auth: AuthContext,
  owner: { accountId: string },
  client: Client,
): Promise<Lockout | undefined> {
  const account = await auth.store.accounts.byId(owner.accountId);
  return account && lockoutOf(auth, account, client);
}

/** The same where the account is at hand. */
export async function lockoutOf(
  auth: AuthContext,
  account: Account,
  client: Client,
): Promise<Lockout | undefined> {
  const pool = secondFactorPool(auth, account, client);
  const { failures, delayedUntil } = await auth.store.throttle.secondFactor(account.id, pool);
  if (failures >= LOCKOUT_AFTER) return "until-unlocked";
  return delayedUntil > auth.clock() ? { until: delayedUntil } : undefined;
}

/** Whether so many codes were refused that only the operator can open the account. */
export async function isLockedOut(store: Store, accountId: string): Promise<boolean> {
  return (await store.throttle.standing(accountId)) >= LOCKOUT_AFTER;
}

/** When strangers' passwords for a name are looked at again; undefined when they are now. */
export function passwordDelay(auth: AuthContext, username: string): Promise<number | undefined> {
  return auth.store.throttle.delayedUntil([passwordPool(auth, username)], auth.clock());
}

/** Forgets every failure against an account: the operator vouches for its owner. */
export async function clearFailures(
  auth: AuthContext,
  store: Store,
  account: { id: string; username: string },
): Promise<void> {
  await store.throttle.clearAccount(account.id);
  await clearPasswordFailures(auth, store, account);
}

/** Forgets strangers' failures with a password that is no more. */
export function clearPasswordFailures(
  auth: AuthContext,
  store: Store,
  account: { username: string },
): Promise<void> {
  return store.throttle.clear(passwordPool(auth, account.username));
}

/**
 * Forgets the failures of known browsers, together with the browsers: nothing could ever clear them. A locked account stays
 * locked: only the operator opens it.
 */
export async function clearBrowserFailures(store: Store, accountId: string): Promise<void> {
  if (await isLockedOut(store, accountId)) return;
  await store.throttle.clearAccount(accountId, strangersPool(accountId));
}

/** Hashed with a key: people type passwords into the name field, and unknown names are counted too. */
function passwordPool(auth: AuthContext, username: string): string {
  return auth.keyedHashes.of("throttle password", normaliseUsername(username));
}

/** Ids are random and stored beside the count: a keyed hash would only lose the count when the key is rotated. */
function secondFactorPool(auth: AuthContext, account: Account, client: Client): string {
  const browser = knownBrowser(auth, account, client);
  return browser ? `second-factor ${account.id} ${browser}` : strangersPool(account.id);
}

function strangersPool(accountId: string): string {
  return `second-factor ${accountId}`;
}

/** An IPv4 address, or the /64 of an IPv6 one: a home has that many addresses, and so has an attacker. */
function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv6) return `${parsed.parts.slice(0, 4).join(":")}/64`;
  return parsed.toString();
}
