/**
 * Stores authenticators: confirmed TOTP secrets, encrypted, and the last time step that each has accepted, which stops replay
 * (RFC 6238 §5.2).
 * Tests: test/storage/store.test.ts, test/security/replay.test.ts
 */
import { type ExpressionBuilder, type Kysely, type RawBuilder, type Selectable, sql } from "kysely";
import type { Authenticator, Store } from "../auth/store.js";
import { countRows, int64 } from "./columns.js";
import { compiled, type Value } from "./compiled-queries.js";
import type { Tables } from "./tables.js";

const findByAccount = compiled((db, value: Value<{ accountId: string }>) =>
  db
    .selectFrom("authenticators")
    .selectAll()
    .where("account_id", "=", value("accountId"))
    .orderBy("created_at")
    .orderBy("number")
    .orderBy("id"),
);

interface AcceptedStep {
  id: string;
  step: number;
  now: number;
  driftSeconds: number | null;
}

/** Accepts a time step: one conditional update, so of any number of requests with one code exactly one changes the row. */
const acceptStep = compiled((db, value: Value<AcceptedStep>) =>
  db
    .updateTable("authenticators")
    .set({ last_step: value("step"), last_used_at: value("now"), drift_seconds: value("driftSeconds") })
    .where("id", "=", value("id"))
    .where("last_step", "<", value("step"))
    .where(isNotSpentAhead(value("step"), value("step"))),
);

/** Whether all steps from `first` to `last` are outside the range of future steps that stays spent after an unlock. */
function isNotSpentAhead(first: number | RawBuilder<number>, last: number | RawBuilder<number>) {
  return ({ eb, or }: ExpressionBuilder<Tables, "authenticators">) =>
    or([eb("spent_to", "is", null), eb("spent_to", "<", first), eb("spent_from", ">", last)]);
}

/**
 * An authenticator's drift in time steps of 30 s, rounded as auth/ rounds it: (drift + 15) / 30, rounded down. SQL rounds integer
 * division towards zero, so 1,000 steps are added before the division and subtracted after it.
 */
const DRIFT_IN_STEPS = sql<number>`((coalesce(drift_seconds, 0) + 30015) / 30 - 1000)`;

/** Converts a time step of the server's clock to the authenticator's clock, if it follows a measured drift. */
function toAuthenticatorStep(step: number, followsDrift: boolean): RawBuilder<number> {
  return followsDrift ? sql<number>`(${int64(step)} + ${DRIFT_IN_STEPS})` : int64(step);
}

export function authenticatorStore(db: Kysely<Tables>): Store["authenticators"] {
  return {
    async of(accountId) {
      const { rows } = await findByAccount(db, { accountId });
      return rows.map(toAuthenticator);
    },

    async add(authenticator) {
      await db
        .insertInto("authenticators")
        .values({
          id: authenticator.id,
          account_id: authenticator.accountId,
          name: authenticator.name,
          number: authenticator.number,
          sealed_secret: authenticator.sealedSecret,
          last_step: authenticator.lastStep,
          created_at: authenticator.createdAt,
          last_used_at: authenticator.lastUsedAt,
          drift_seconds: authenticator.driftSeconds,
          label: authenticator.label,
        })
        .execute();
    },

    async spendStep(id, step, now, driftSeconds) {
      const { numAffectedRows } = await acceptStep(db, { id, step, now, driftSeconds });
      return numAffectedRows === 1n;
    },

    async spendPair(id, first, now, driftSeconds) {
      const { numUpdatedRows } = await db
        .updateTable("authenticators")
        .set({ last_step: first + 1, last_used_at: now, drift_seconds: driftSeconds })
        .where("id", "=", id)
        .where("last_step", "<", first)
        .where(isNotSpentAhead(first, first + 1))
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    async rename(accountId, id, name) {
      const { numUpdatedRows } = await db
        .updateTable("authenticators")
        .set({ name })
        .where("account_id", "=", accountId)
        .where("id", "=", id)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    async remove(accountId, id) {
      const { numDeletedRows } = await db
        .deleteFrom("authenticators")
        .where("account_id", "=", accountId)
        .where("id", "=", id)
        .executeTakeFirst();
      return numDeletedRows === 1n;
    },

    async removeAll(accountId) {
      await db.deleteFrom("authenticators").where("account_id", "=", accountId).execute();
    },

    async resetFuture(accountId, { latest, from, followsDrift }) {
      const last = sql.ref<number>("last_step");
      const first = from === undefined ? last : toAuthenticatorStep(from, followsDrift);
      const { numUpdatedRows } = await db
        .updateTable("authenticators")
        .set({
          last_step: toAuthenticatorStep(latest, followsDrift),
          // Keeps the range of an earlier unlock spent as well, if it still lies in the future.
          spent_from: sql`case when spent_to > ${toAuthenticatorStep(latest, followsDrift)} and spent_from < ${first} then spent_from
            when ${first} < ${last} then ${first} else ${last} end`,
          spent_to: sql`case when spent_to > ${last} then spent_to else ${last} end`,
        })
        .where("account_id", "=", accountId)
        .where("last_step", ">", toAuthenticatorStep(latest, followsDrift))
        .executeTakeFirst();
      return Number(numUpdatedRows);
    },

    async countFuture({ latest, followsDrift }, limit) {
      const ahead = db
        .selectFrom("authenticators")
        .innerJoin("accounts", "accounts.id", "authenticators.account_id")
        .where("last_step", ">", toAuthenticatorStep(latest, followsDrift));
      const { total } = await ahead.select(countRows.as("total")).executeTakeFirstOrThrow();
      if (total === 0) return { authenticators: 0, usernames: [] };
      const rows = await ahead
        .select("accounts.username")
        .distinct()
        .orderBy("accounts.username")
        .limit(limit)
        .execute();
      return { authenticators: total, usernames: rows.map(({ username }) => username) };
    },
  };
}

function toAuthenticator(row: Selectable<Tables["authenticators"]>): Authenticator {
  return {
    id: row.id,
    accountId: row.account_id,
    name: row.name,
    number: row.number,
    sealedSecret: row.sealed_secret,
    lastStep: row.last_step,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    driftSeconds: row.drift_seconds,
    label: row.label,
    ...(row.spent_from !== null && row.spent_to !== null
      ? { spentFuture: { from: row.spent_from, to: row.spent_to } }
      : {}),
  };
}
