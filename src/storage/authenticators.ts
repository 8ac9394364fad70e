/** Authenticators: confirmed TOTP secrets, sealed, with the last time step that each has spent. */
import type { Kysely, Selectable } from "kysely";
import type { Authenticator, Store } from "../auth/store.js";
import { prepared, type Value } from "./prepared.js";
import type { Tables } from "./tables.js";

const findOf = prepared((db, value: Value<{ accountId: string }>) =>
  db
    .selectFrom("authenticators")
    .selectAll()
    .where("account_id", "=", value("accountId"))
    .orderBy("created_at")
    .orderBy("number")
    .orderBy("id"),
);

interface Spent {
  id: string;
  step: number;
  now: number;
  driftSeconds: number | null;
}

const spendStep = prepared((db, value: Value<Spent>) =>
  db
    .updateTable("authenticators")
    .set({ last_step: value("step"), last_used_at: value("now"), drift_seconds: value("driftSeconds") })
    .where("id", "=", value("id"))
    .where("last_step", "<", value("step")),
);

export function authenticatorStore(db: Kysely<Tables>): Store["authenticators"] {
  return {
    async of(accountId) {
      const { rows } = await findOf(db, { accountId });
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
        })
        .execute();
    },

    async spendStep(id, step, now, driftSeconds) {
      const { numAffectedRows } = await spendStep(db, { id, step, now, driftSeconds });
      return numAffectedRows === 1n;
    },

    async spendPair(id, first, now, driftSeconds) {
      const { numUpdatedRows } = await db
        .updateTable("authenticators")
        .set({ last_step: first + 1, last_used_at: now, drift_seconds: driftSeconds })
        .where("id", "=", id)
        .where("last_step", "<", first)
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
  };
}
