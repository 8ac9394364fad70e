/** Counts of failed attempts, each raised by one conditional statement before the attempt is evaluated. */
import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Store, ThrottleRule } from "../auth/store.js";
import { big } from "./casts.js";
import type { Tables } from "./tables.js";

/** The names of the pools that stand against an account's second factor, as a pattern. */
export const SECOND_FACTOR_POOLS = "second-factor%";

/** The failures of several pools together. */
export const failures = sql<number>`cast(coalesce(sum(failures), 0) as integer)`;

export function throttleStore(db: Kysely<Tables>): Store["throttle"] {
  async function delayedUntil(pools: readonly string[], now: number): Promise<number | undefined> {
    const row = await db
      .selectFrom("throttle")
      .select("delayed_until")
      .where("pool", "in", pools)
      .where("delayed_until", ">", now)
      .orderBy("delayed_until", "desc")
      .limit(1)
      .executeTakeFirst();
    return row?.delayed_until;
  }

  return {
    async count(pool, rule, now, accountId) {
      const forgotten = sql<boolean>`(throttle.forget_at is not null and throttle.forget_at <= ${now})`;
      const counts = sql<number>`(case when ${forgotten} then 1 else throttle.failures + 1 end)`;
      const forgetAt = rule.window === null ? null : now + rule.window;
      const counted = await db
        .insertInto("throttle")
        .values({
          pool,
          account_id: accountId ?? null,
          failures: 1,
          since: now,
          delayed_until: 0,
          forget_at: forgetAt,
        })
        .onConflict((conflict) =>
          conflict
            .column("pool")
            .doUpdateSet({
              failures: counts,
              since: sql<number>`case when ${forgotten} then ${big(now)} else throttle.since end`,
              forget_at: sql<number>`case when ${forgotten} then ${big(forgetAt)} else throttle.forget_at end`,
              delayed_until: delayAfter(counts, rule, now),
            })
            .where("throttle.delayed_until", "<=", now),
        )
        .returning("since")
        .executeTakeFirst();
      if (counted) return { counted: true, since: counted.since };
      return { counted: false, until: (await delayedUntil([pool], now)) ?? now };
    },

    async refund(pool, since) {
      // The count was allowed, so no delay ran before it; the one that it may have begun ends with it.
      const row = await db
        .updateTable("throttle")
        .set((row) => ({ failures: row("failures", "-", 1), delayed_until: 0 }))
        .where("pool", "=", pool)
        .where("since", "=", since)
        .where("failures", ">", 0)
        .returning("failures")
        .executeTakeFirst();
      if (row && row.failures > 0) return;
      // Attempts that were turned away unseen leave no row behind.
      await db.deleteFrom("throttle").where("pool", "=", pool).where("failures", "=", 0).execute();
    },

    async clear(pool) {
      await db.deleteFrom("throttle").where("pool", "=", pool).execute();
    },

    delayedUntil,

    async standing(accountId) {
      const { total } = await db
        .selectFrom("throttle")
        .select(failures.as("total"))
        .where("account_id", "=", accountId)
        .where("pool", "like", SECOND_FACTOR_POOLS)
        .executeTakeFirstOrThrow();
      return total;
    },

    async secondFactor(accountId, pool) {
      const row = await db
        .selectFrom("throttle")
        .select(({ fn, eb }) => [
          failures.as("failures"),
          fn.max(eb.case().when("pool", "=", pool).then(eb.ref("delayed_until")).end()).as("delayed_until"),
        ])
        .where("account_id", "=", accountId)
        .where("pool", "like", SECOND_FACTOR_POOLS)
        .executeTakeFirstOrThrow();
      return { failures: row.failures, delayedUntil: row.delayed_until ?? 0 };
    },

    async clearAccount(accountId, keepPool) {
      let cleared = db.deleteFrom("throttle").where("account_id", "=", accountId);
      if (keepPool !== undefined) cleared = cleared.where("pool", "!=", keepPool);
      await cleared.execute();
    },

    async prune(now, limit) {
      const over = db
        .selectFrom("throttle")
        .select("pool")
        .where("forget_at", "<=", now)
        .where("delayed_until", "<=", now)
        .limit(limit);
      const { numDeletedRows } = await db.deleteFrom("throttle").where("pool", "in", over).executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

/** `delayed_until` once the failures have reached a number: none while they are free, then the delays in turn. */
function delayAfter(failures: RawBuilder<number>, rule: ThrottleRule, now: number): RawBuilder<number> {
  const steps = rule.delays.map((delay, index) => {
    const isLast = index === rule.delays.length - 1;
    const reached = rule.free + index;
    return sql`when ${failures} ${sql.raw(isLast ? ">=" : "=")} ${reached} then ${big(now + delay)}`;
  });
  return sql<number>`(case ${sql.join(steps, sql` `)} else 0 end)`;
}
