/**
 * The throttle (rate limit) for passwords: an attempt is counted in the database before it is evaluated (ASVS 5.0 6.3.1, NIST SP
 * 800-63B-4 §3.2.2).
 * Tests: test/security/guessing-passwords.test.ts, test/security/enumeration-work.test.ts
 */
import { type AuthContext, aboutOf, type Client } from "../context.js";
import { OWN_PREFIX } from "../passwords/argon2id.js";
import { LineFull } from "../passwords/refusal-times.js";
import { ADDRESS_RULE, PASSWORD_RULE } from "../policy.js";
import type { Account, Store } from "../store.js";
import { inTransaction } from "../transaction.js";
import { type Attempt, type PasswordGuess, type PasswordPools, passwordPoolsOf } from "./pools.js";

/** The account, or what a password check needs of it. */
type PasswordHolder = Pick<Account, "id" | "passwordHash">;

export type PasswordReservation =
  | { outcome: "allowed"; attempt: PasswordAttempt }
  | { outcome: "delayed"; until: number };

interface PasswordAttempt extends Attempt {
  /**
   * Evaluates it with the same work, whether `find` returns an account or not, and answers a wrong password at the same time for
   * all names. A right one replaces a hash of another system with one of our own. An error refunds the attempt, but for LineFull.
   * @param password as `normalisePassword` gives it @param typed as it was typed
   * @throws Overloaded, and what `find` throws
   */
  isRight(
    password: string,
    find: () => Promise<PasswordHolder | undefined>,
    typed?: string,
  ): Promise<boolean>;
  /**
   * Evaluates it by `ask`, in the same line as hashes: the place is given back by `settled`. An error refunds the attempt.
   * @throws what `ask` throws
   */
  evaluate<T>(ask: (settled: () => void) => Promise<T>): Promise<T>;
}

/**
 * Reserves a password check. Strangers are counted by the typed name, known or not, and by their address; a known browser has a
 * count of its own. During a delay nothing is counted and no account is looked up by its name, so a refusal costs the same for
 * known and unknown names (prevents account enumeration). @throws Overloaded, StoreUnavailable
 */
export async function reservePasswordAttempt(
  auth: AuthContext,
  guess: PasswordGuess,
  client: Client,
): Promise<PasswordReservation> {
  const pools = passwordPoolsOf(auth, guess, client);
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
  const { accounts } = auth.store;
  return {
    outcome: "allowed",
    attempt: {
      ...attempt,
      async isRight(password, find, typed = password) {
        try {
          const dearest = await accounts.dearestForeign(OWN_PREFIX);
          const account = await find();
          const began = performance.now();
          const verdict = await check.matches({ password, typed }, account?.passwordHash, dearest);
          // What follows must not fail because the wait was long.
          if (dearest !== undefined) auth.store.extendDeadline(performance.now() - began);
          if (!verdict.isRight) return false;
          if (account && verdict.rehashed !== undefined)
            await accounts.rehash(account.id, account.passwordHash, verdict.rehashed);
          return true;
        } catch (error) {
          check.release();
          if (!(error instanceof LineFull)) await attempt.refund();
          throw error;
        }
      },
      async evaluate(ask) {
        const began = performance.now();
        // What follows must not fail because the wait was long.
        const extend = () => auth.store.extendDeadline(performance.now() - began);
        try {
          const answer = await ask(check.release);
          extend();
          return answer;
        } catch (error) {
          extend();
          await attempt.refund();
          throw error;
        }
      },
    },
  };
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
    // Always the address first: transactions that lock rows in the same order cannot deadlock.
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
