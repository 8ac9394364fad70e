/** Slowing down guesses: an attempt is counted in the database before it is evaluated (ASVS 5.0 6.3.1, NIST SP 800-63B-4 §3.2.2). */
import ipaddr from "ipaddr.js";
import type { AuthContext } from "./context.js";
import { ADDRESS_RULE, LOCK_AFTER, PASSWORD_RULE, SECOND_FACTOR_RULE } from "./policy.js";
import type { Store } from "./store.js";
import { tidy } from "./username.js";

/** A counted attempt, to be settled by exactly one of these. Unsettled, it stands as a failure. */
interface Attempt {
  /** It was right: its own pool starts anew. */
  succeed(store?: Store): Promise<void>;
  /** It was never evaluated. */
  withdraw(): Promise<void>;
}

export type Turn = { outcome: "allowed"; attempt: Attempt } | { outcome: "delayed"; until: number };

/** Asks for a password check: by the name, known or not, and by the address. During a delay nothing is counted. */
export async function passwordTurn(auth: AuthContext, username: string, address: string): Promise<Turn> {
  const now = auth.clock();
  const name = passwordPool(auth, username);
  const place = auth.keys.fingerprint("throttle address", networkOf(address));
  return auth.store.transaction(async (store): Promise<Turn> => {
    // Always the address first: two transactions that take the same rows in one order cannot deadlock.
    const byAddress = await store.throttle.count(place, ADDRESS_RULE, now);
    if (!byAddress.counted) return { outcome: "delayed", until: byAddress.until };
    const byName = await store.throttle.count(name, PASSWORD_RULE, now);
    if (!byName.counted) {
      await store.throttle.refund(place, byAddress.since);
      return { outcome: "delayed", until: byName.until };
    }
    return {
      outcome: "allowed",
      attempt: {
        async succeed(during = auth.store) {
          await during.throttle.refund(place, byAddress.since);
          await during.throttle.clear(name);
        },
        async withdraw() {
          await auth.store.throttle.refund(place, byAddress.since);
          await auth.store.throttle.refund(name, byName.since);
        },
      },
    };
  });
}

/** Asks for a second-factor check. Wrong codes from all browsers stand together; a hundred lock the account. */
export async function secondFactorTurn(
  auth: AuthContext,
  accountId: string,
): Promise<Turn | { outcome: "locked" }> {
  const now = auth.clock();
  const pool = secondFactorPool(accountId);
  return auth.store.transaction(async (store): Promise<Turn | { outcome: "locked" }> => {
    if ((await store.throttle.standing(accountId)) >= LOCK_AFTER) return { outcome: "locked" };
    const counted = await store.throttle.count(pool, SECOND_FACTOR_RULE, now, accountId);
    if (!counted.counted) return { outcome: "delayed", until: counted.until };
    return {
      outcome: "allowed",
      attempt: {
        succeed: (during = auth.store) => during.throttle.clear(pool),
        withdraw: () => auth.store.throttle.refund(pool, counted.since),
      },
    };
  });
}

export type SecondFactorLock = { until: number } | "until-unlocked";

/** Whether codes are refused unseen at the moment, and until when. */
export async function secondFactorLock(
  auth: AuthContext,
  accountId: string,
): Promise<SecondFactorLock | undefined> {
  if ((await auth.store.throttle.standing(accountId)) >= LOCK_AFTER) return "until-unlocked";
  const until = await auth.store.throttle.delayedUntil(secondFactorPool(accountId), auth.clock());
  return until === undefined ? undefined : { until };
}

/** Forgets every failure against an account: the operator vouches for its owner. */
export async function openAgain(auth: AuthContext, account: { id: string; username: string }): Promise<void> {
  await auth.store.transaction(async (store) => {
    await store.throttle.clearAccount(account.id);
    await store.throttle.clear(passwordPool(auth, account.username));
  });
}

/**
 * Hashed with a key: people type passwords into the name field, and unknown names are counted too. A new newest key
 * starts these counts anew.
 */
function passwordPool(auth: AuthContext, username: string): string {
  return auth.keys.fingerprint("throttle password", tidy(username));
}

/** Ids are random and stored beside the count: a keyed hash would only lose the count when the key is rotated. */
function secondFactorPool(accountId: string): string {
  return `second-factor ${accountId}`;
}

/** An IPv4 address, or the /64 of an IPv6 one: a home has that many addresses, and so has an attacker. */
function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv6) return `${parsed.parts.slice(0, 4).join(":")}/64`;
  return parsed.toString();
}
