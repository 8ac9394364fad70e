/**
 * Stores accounts: who may sign in, the row lock that serialises changes of one account, and its credential version (`epoch`).
 * Tests: test/storage/store.test.ts
 */
import type { Kysely } from "kysely";
import type { Store } from "../auth/store.js";
import { columnsOf, groupsAsText, summaries, toAccount, toSummary } from "./account-rows.js";
import { compiled, type Value } from "./compiled-queries.js";
import type { Tables } from "./tables.js";

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

const findDearestForeign = compiled((db, value: Value<{ own: string }>) =>
  db
    .selectFrom("accounts")
    .select("foreign_cost")
    .where("foreign_cost", "is not", null)
    // A node of the version before leaves the cost in the row when it changes a password.
    .where("password_hash", "not like", value("own"))
    .orderBy("foreign_cost", "desc")
    .limit(1),
);

export function accountStore(db: Kysely<Tables>): Store["accounts"] {
  return {
    async add(account, foreignCost = null) {
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
          external_id: account.externalId,
          email: account.email,
          email_confirmed: account.emailConfirmed ? 1 : 0,
          name: account.name,
          groups: groupsAsText(account.groups),
          needs_link: account.needsLink ? 1 : 0,
          foreign_cost: foreignCost,
        })
        // Any conflict: with the username, or with the host's id.
        .onConflict((conflict) => conflict.doNothing())
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

    async byExternalId(externalId) {
      const row = await db
        .selectFrom("accounts")
        .selectAll()
        .where("external_id", "=", externalId)
        .executeTakeFirst();
      return row && toAccount(row);
    },

    async list() {
      return (await summaries(db).orderBy("username").execute()).map(toSummary);
    },

    async page(limit, after = "") {
      const rows = await summaries(db).where("id", ">", after).orderBy("id").limit(limit).execute();
      return rows.map(toSummary);
    },

    async summary(id) {
      const row = await summaries(db).where("id", "=", id).executeTakeFirst();
      return row && toSummary(row);
    },

    async update(id, changes) {
      const { username, externalId } = changes;
      let update = db.updateTable("accounts").set(columnsOf(changes)).where("id", "=", id);
      for (const [column, value] of Object.entries({ username, external_id: externalId })) {
        if (value == null) continue;
        update = update.where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom("accounts as other")
                .select("other.id")
                .where(`other.${column as "username" | "external_id"}`, "=", value)
                .where("other.id", "!=", id),
            ),
          ),
        );
      }
      const { numUpdatedRows } = await update.executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    async setNeedsLink(id, needsLink) {
      await db
        .updateTable("accounts")
        .set({ needs_link: needsLink ? 1 : 0 })
        .where("id", "=", id)
        .execute();
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
      await db
        .updateTable("accounts")
        .set({ password_hash: passwordHash, foreign_cost: null })
        .where("id", "=", id)
        .execute();
    },

    async rehash(id, from, to) {
      const { numUpdatedRows } = await db
        .updateTable("accounts")
        .set({ password_hash: to, foreign_cost: null })
        .where("id", "=", id)
        .where("password_hash", "=", from)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    async dearestForeign(ownPrefix) {
      const { rows } = await findDearestForeign(db, { own: `${ownPrefix}%` });
      return rows[0]?.foreign_cost ?? undefined;
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
