/**
 * Stores accounts: who may sign in, the row lock that serialises changes of one account, and its credential version (`epoch`).
 * Tests: test/storage/store.test.ts
 */
import type { Kysely, Selectable } from "kysely";
import type { Account, Store } from "../auth/store.js";
import { countRows } from "./columns.js";
import { compiled, type Value } from "./compiled-queries.js";
import type { Tables } from "./tables.js";
import { failures, SECOND_FACTOR_POOLS } from "./throttle.js";

const findByUsername = compiled((db, value: Value<{ username: string }>) =>
  db.selectFrom("accounts").selectAll().where("username", "=", value("username")),
);

const findById = compiled((db, value: Value<{ id: string }>) =>
  db.selectFrom("accounts").selectAll().where("id", "=", value("id")),
);

/**
 * Locks an account's row by an update that changes no value: PostgreSQL holds the row lock until the transaction ends, SQLite locks
 * the whole database.
 */
const lockAccountRow = compiled((db, value: Value<{ id: string }>) =>
  db
    .updateTable("accounts")
    .set(({ ref }) => ({ epoch: ref("epoch") }))
    .where("id", "=", value("id"))
    .returningAll(),
);

const setLastSignIn = compiled((db, value: Value<{ id: string; now: number }>) =>
  db
    .updateTable("accounts")
    .set({ last_sign_in_at: value("now") })
    .where("id", "=", value("id")),
);

export function accountStore(db: Kysely<Tables>): Store["accounts"] {
  return {
    async add(account) {
      const added = await db
        .insertInto("accounts")
        .values({
          id: account.id,
          username: account.username,
          password_hash: account.passwordHash,
          is_demo: account.isDemo ? 1 : 0,
          created_at: account.createdAt,
          second_factor_since: account.secondFactorSince,
          epoch: account.credentialVersion,
          enrolments: 0,
          disabled_at: account.disabledAt,
          last_sign_in_at: account.lastSignInAt,
          drift_window: 0,
        })
        .onConflict((conflict) => conflict.column("username").doNothing())
        .returning("id")
        .executeTakeFirst();
      return added !== undefined;
    },

    async byUsername(username) {
      const { rows } = await findByUsername(db, { username });
      return rows[0] && toAccount(rows[0]);
    },

    async byId(id) {
      const { rows } = await findById(db, { id });
      return rows[0] && toAccount(rows[0]);
    },

    async list() {
      const rows = await db
        .selectFrom("accounts")
        .selectAll("accounts")
        .select(({ selectFrom }) => [
          selectFrom("authenticators")
            .select(countRows.as("total"))
            .whereRef("account_id", "=", "accounts.id")
            .as("authenticators"),
          selectFrom("recovery_codes")
            .select(countRows.as("total"))
            .whereRef("account_id", "=", "accounts.id")
            .where("used_at", "is", null)
            .where("ended_at", "is", null)
            .as("recovery_codes"),
          selectFrom("throttle")
            .select(failures.as("total"))
            .whereRef("account_id", "=", "accounts.id")
            .where("pool", "like", SECOND_FACTOR_POOLS)
            .as("failures"),
          selectFrom("throttle")
            .select(({ fn }) => fn.max("delayed_until").as("longest"))
            .whereRef("account_id", "=", "accounts.id")
            .where("pool", "like", SECOND_FACTOR_POOLS)
            .as("delayed_until"),
        ])
        .orderBy("username")
        .execute();
      return rows.map((row) => ({
        ...toAccount(row),
        authenticators: row.authenticators ?? 0,
        recoveryCodes: row.recovery_codes ?? 0,
        failures: row.failures ?? 0,
        // 0 means that no delay has begun.
        delayedUntil: row.delayed_until || null,
      }));
    },

    async any() {
      const row = await db
        .selectFrom("accounts")
        .select("id")
        .where("is_demo", "=", 0)
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },

    async lockRow(id) {
      const { rows } = await lockAccountRow(db, { id });
      return rows[0] && toAccount(rows[0]);
    },

    async startSecondFactor(id, now) {
      const { numUpdatedRows } = await db
        .updateTable("accounts")
        .set({ second_factor_since: now })
        .where("id", "=", id)
        .where("second_factor_since", "is", null)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    async nextEnrolment(id) {
      const row = await db
        .updateTable("accounts")
        .set((eb) => ({ enrolments: eb("enrolments", "+", 1) }))
        .where("id", "=", id)
        .returning("enrolments")
        .executeTakeFirst();
      return row?.enrolments;
    },

    async noteSignIn(id, now) {
      await setLastSignIn(db, { id, now });
    },

    async setPassword(id, passwordHash) {
      await db.updateTable("accounts").set({ password_hash: passwordHash }).where("id", "=", id).execute();
    },

    async raiseCredentialVersion(id) {
      const { epoch } = await db
        .updateTable("accounts")
        .set((eb) => ({ epoch: eb("epoch", "+", 1) }))
        .where("id", "=", id)
        .returning("epoch")
        .executeTakeFirstOrThrow();
      return epoch;
    },

    async resetSecondFactor(id) {
      await db.updateTable("accounts").set({ second_factor_since: null }).where("id", "=", id).execute();
    },

    async setDisabled(id, at) {
      const { numUpdatedRows } = await db
        .updateTable("accounts")
        .set({ disabled_at: at })
        .where("id", "=", id)
        .where("disabled_at", at === null ? "is not" : "is", null)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    async remove(id) {
      const { numDeletedRows } = await db.deleteFrom("accounts").where("id", "=", id).executeTakeFirst();
      return numDeletedRows === 1n;
    },
  };
}

function toAccount(row: Selectable<Tables["accounts"]>): Account {
  return {
    id: row.id,
    username: row.username,
    passwordHash: row.password_hash,
    isDemo: row.is_demo === 1,
    createdAt: row.created_at,
    secondFactorSince: row.second_factor_since,
    credentialVersion: row.epoch,
    disabledAt: row.disabled_at,
    lastSignInAt: row.last_sign_in_at,
  };
}
