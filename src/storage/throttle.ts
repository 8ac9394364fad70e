/**
 * Stores the throttle: counts of failed attempts, each raised by one conditional statement before the attempt is evaluated.
 * Tests: test/storage/store.test.ts, test/security/spread-guesses.test.ts
 */
import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Store, ThrottleRule } from "../auth/store.js";
import { int64, text } from "./columns.js";
import { compiled, type Value } from "./compiled-queries.js";
import type { Tables } from "./tables.js";

/** Matches the pools that count attempts on an account's second factor (for SQL's `like`). */
export const SECOND_FACTOR_POOLS = "second-factor%";

/** The sum of failures over several pools. */
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
      const forgetAt = rule.window === null ? null : now + rule.window;
      const { rows } = await countBy(rule)(db, { pool, accountId: accountId ?? null, now, forgetAt });
      if (rows[0]) return { counted: true, since: rows[0].since };
      return { counted: false, until: (await delayedUntil([pool], now)) ?? now };
    },

    async refund(pool, since) {
      const { rows } = await refund(db, { pool, since });
      if (rows[0] && rows[0].failures > 0) return;
      // Deletes a row that counts nothing: refunded attempts leave no row behind.
      await clearEmpty(db, { pool });
    },

    async clear(pool) {
      await clear(db, { pool });
    },

    async copy(from, to) {
      await clear(db, { pool: to });
      await db
        .insertInto("throttle")
        .columns(["pool", "account_id", "failures", "since", "delayed_until", "forget_at"])
        .expression(({ selectFrom }) =>
          selectFrom("throttle")
            .select([text(to).as("pool"), "account_id", "failures", "since", "delayed_until", "forget_at"])
            .where("pool", "=", from),
        )
        // Counted between the two statements: then that attempt stands.
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },

    delayedUntil,

    async secondFactorFailures(accountId) {
      const { rows } = await standingFailures(db, { accountId });
      return rows[0]?.total ?? 0;
    },

    async secondFactorState(accountId, pool) {
      const { rows } = await secondFactor(db, { accountId, pool });
      return { failures: rows[0]?.failures ?? 0, delayedUntil: rows[0]?.delayed_until ?? 0 };
    },

    async clearAccount(accountId, keepPool) {
      let cleared = db.deleteFrom("throttle").where("account_id", "=", accountId);
      if (keepPool !== undefined) cleared = cleared.where("pool", "!=", keepPool);
      await cleared.execute();
    },

    async prune(now, limit) {
      const expired = db
        .selectFrom("throttle")
        .select("pool")
        .where("forget_at", "<=", now)
        .where("delayed_until", "<=", now)
        .limit(limit);
      const { numDeletedRows } = await db
        .deleteFrom("throttle")
        .where("pool", "in", expired)
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

/** The compiled statements that count an attempt, one per rule; there are three rules. */
const countStatements = new WeakMap<ThrottleRule, ReturnType<typeof countStatement>>();

function countBy(rule: ThrottleRule) {
  const cached = countStatements.get(rule);
  if (cached) return cached;
  const statement = countStatement(rule);
  countStatements.set(rule, statement);
  return statement;
}

interface Attempt {
  pool: string;
  accountId: string | null;
  now: number;
  forgetAt: number | null;
}

/**
 * Builds the statement that counts an attempt: it raises the pool's failures and sets the next delay, unless a delay is running. It
 * returns a row if the attempt was counted, none if it is refused.
 */
function countStatement(rule: ThrottleRule) {
  return compiled((db, value: Value<Attempt>) => {
    const now = value("now");
    const isExpired = sql<boolean>`(throttle.forget_at is not null and throttle.forget_at <= ${now})`;
    const newFailures = sql<number>`(case when ${isExpired} then 1 else throttle.failures + 1 end)`;
    const forgetAt = int64(value("forgetAt"));
    return db
      .insertInto("throttle")
      .values({
        pool: value("pool"),
        account_id: value("accountId"),
        failures: 1,
        since: now,
        delayed_until: 0,
        forget_at: value("forgetAt"),
      })
      .onConflict((conflict) =>
        conflict
          .column("pool")
          .doUpdateSet({
            failures: newFailures,
            since: sql<number>`case when ${isExpired} then ${int64(now)} else throttle.since end`,
            forget_at: sql<number>`case when ${isExpired} then ${forgetAt} else throttle.forget_at end`,
            delayed_until: delayAfter(newFailures, rule, now),
          })
          .where("throttle.delayed_until", "<=", now),
      )
      .returning("since");
  });
}

/** SQL for `delayed_until` at a number of failures: 0 while they are free, then now plus the rule's delays in turn. */
function delayAfter(
  failures: RawBuilder<number>,
  rule: ThrottleRule,
  now: RawBuilder<number>,
): RawBuilder<number> {
  const cases = rule.delays.map((delay, index) => {
    const isLast = index === rule.delays.length - 1;
    const reached = rule.free + index;
    return sql`when ${failures} ${sql.raw(isLast ? ">=" : "=")} ${reached} then ${int64(now)} + ${delay}`;
  });
  return sql<number>`(case ${sql.join(cases, sql` `)} else 0 end)`;
}

/** Takes back one counted attempt. It was counted, so no delay ran before it; any delay now running is its own and ends. */
const refund = compiled((db, value: Value<{ pool: string; since: number }>) =>
  db
    .updateTable("throttle")
    .set((row) => ({ failures: row("failures", "-", 1), delayed_until: 0 }))
    .where("pool", "=", value("pool"))
    .where("since", "=", value("since"))
    .where("failures", ">", 0)
    .returning("failures"),
);

const clear = compiled((db, value: Value<{ pool: string }>) =>
  db.deleteFrom("throttle").where("pool", "=", value("pool")),
);

const clearEmpty = compiled((db, value: Value<{ pool: string }>) =>
  db.deleteFrom("throttle").where("pool", "=", value("pool")).where("failures", "=", 0),
);

const standingFailures = compiled((db, value: Value<{ accountId: string }>) =>
  db
    .selectFrom("throttle")
    .select(failures.as("total"))
    .where("account_id", "=", value("accountId"))
    .where("pool", "like", SECOND_FACTOR_POOLS),
);

const secondFactor = compiled((db, value: Value<{ accountId: string; pool: string }>) =>
  db
    .selectFrom("throttle")
    .select(({ fn, eb, ref }) => [
      failures.as("failures"),
      fn.max(eb.case().when("pool", "=", value("pool")).then(ref("delayed_until")).end()).as("delayed_until"),
    ])
    .where("account_id", "=", value("accountId"))
    .where("pool", "like", SECOND_FACTOR_POOLS),
);
