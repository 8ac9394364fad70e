/** Accounts: who may sign in. */
import type { Kysely, Selectable } from "kysely";
import type { Account, Store } from "../auth/store.js";
import type { Tables } from "./tables.js";

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
        })
        .onConflict((conflict) => conflict.column("username").doNothing())
        .returning("id")
        .executeTakeFirst();
      return added !== undefined;
    },

    async byUsername(username) {
      const row = await db
        .selectFrom("accounts")
        .selectAll()
        .where("username", "=", username)
        .executeTakeFirst();
      return row && toAccount(row);
    },

    async byId(id) {
      const row = await db.selectFrom("accounts").selectAll().where("id", "=", id).executeTakeFirst();
      return row && toAccount(row);
    },

    async hold(id, passwordHash) {
      const { numUpdatedRows } = await db
        .updateTable("accounts")
        .set({ password_hash: passwordHash })
        .where("id", "=", id)
        .where("password_hash", "=", passwordHash)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
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
  };
}
