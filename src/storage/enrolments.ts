/** Secrets being set up: one for each pending login, gone when it ends. */
import type { Kysely, Selectable } from "kysely";
import type { Enrolment, Store } from "../auth/store.js";
import type { Tables } from "./tables.js";

export function enrolmentStore(db: Kysely<Tables>): Store["enrolments"] {
  async function find(sessionHash: string): Promise<Enrolment | undefined> {
    const row = await db
      .selectFrom("enrolments")
      .selectAll()
      .where("session_hash", "=", sessionHash)
      .executeTakeFirst();
    return row && toEnrolment(row);
  }

  return {
    async keep(enrolment) {
      await db
        .insertInto("enrolments")
        .values({
          session_hash: enrolment.sessionHash,
          account_id: enrolment.accountId,
          authenticator_id: enrolment.authenticatorId,
          sealed_secret: enrolment.sealedSecret,
          created_at: enrolment.createdAt,
        })
        .onConflict((conflict) => conflict.column("session_hash").doNothing())
        .execute();
      return (await find(enrolment.sessionHash)) ?? enrolment;
    },

    of: find,

    async take(sessionHash) {
      const { numDeletedRows } = await db
        .deleteFrom("enrolments")
        .where("session_hash", "=", sessionHash)
        .executeTakeFirst();
      return numDeletedRows === 1n;
    },

    async prune(now) {
      const { numDeletedRows } = await db
        .deleteFrom("enrolments")
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom("sessions")
                .select("id_hash")
                .whereRef("id_hash", "=", "enrolments.session_hash")
                .where("ended_at", "is", null)
                .where("expires_at", ">", now),
            ),
          ),
        )
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

function toEnrolment(row: Selectable<Tables["enrolments"]>): Enrolment {
  return {
    sessionHash: row.session_hash,
    accountId: row.account_id,
    authenticatorId: row.authenticator_id,
    sealedSecret: row.sealed_secret,
    createdAt: row.created_at,
  };
}
