/**
 * The throttle (rate limit) for second factors: an attempt is counted in the database before it is evaluated (ASVS 5.0 6.3.1,
 * NIST SP 800-63B-4 §3.2.2).
 * Tests: test/security/guessing-codes.test.ts, test/security/spread-guesses.test.ts
 */
import { type AuthContext, aboutOf, type Client } from "../context.js";
import { LOCKOUT_AFTER, SECOND_FACTOR_RULE } from "../policy.js";
import type { Refusal } from "../refusal.js";
import type { Store } from "../store.js";
import { onAccount } from "../transaction.js";
import { lockoutFor } from "./lockout.js";
import { type Attempt, secondFactorPool } from "./pools.js";
import { noteRefusal, repeatedRefusal, type SentCode } from "./repeated-refusals.js";

interface CodeAttempt<R extends Refusal> extends Attempt {
  /** Remembers the refusal: the same code gets the same answer again within its time step. */
  rememberRefusal(store: Store, refusal: R): Promise<void>;
}

export type CodeReservation<R extends Refusal> =
  | { outcome: "allowed"; attempt: CodeAttempt<R> }
  /** This code was just refused: nothing is evaluated or counted. */
  | { outcome: "repeated"; refusal: R }
  | { outcome: "locked" }
  /** The account is gone, which is answered as an expired login is. */
  | { outcome: "expired" };

/**
 * Reserves a second-factor check. Each known browser has a count of its own, all strangers share one; LOCKOUT_AFTER failures in
 * all of them lock the account.
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
  // Several pools add up: under the account's lock, one attempt at a time reads the sum.
  return onAccount(
    auth,
    owner.accountId,
    gone,
    async ({ auth, account, store, record }): Promise<CodeReservation<R>> => {
      const about = aboutOf({ ...owner, username: account.username }, client);
      const standing = await store.throttle.secondFactorFailures(account.id);
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
      // Recorded as the last attempt is counted, before it is evaluated: no other is counted until the operator unlocks.
      if (standing + 1 === LOCKOUT_AFTER) await record({ type: "account-locked", ...about });
      return {
        outcome: "allowed",
        attempt: {
          clear: (during) => during.throttle.clear(pool),
          rememberRefusal: (during, refusal) => noteRefusal(auth, during, sent, refusal),
          refund: () => auth.store.throttle.refund(pool, counted.since),
        },
      };
    },
  );
}
