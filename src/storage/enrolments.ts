/**
 * Stores enrolments: secrets that are being set up, at most one per pending login or session; unconfirmed ones stay for a
 * while, to recognise their codes.
 * Tests: test/storage/store.test.ts
 */
import type { ExpressionBuilder, Kysely, Selectable } from "kysely";
import type { EarlierEnrolment, SessionKind, Store } from "../auth/store.js";
import { int32, int64, text } from "./columns.js";
import type { Tables } from "./tables.js";

export function enrolmentStore(db: Kysely<Tables>): Store["enrolments"] {
  return {
    async insertOrGet(enrolment) {
      const row = await db
        .insertInto("enrolments")
        .columns([
          "session_hash",
          "account_id",
          "authenticator_id",
          "number",
          "sealed_secret",
          "created_at",
          "label",
        ])
        .expression(({ selectFrom }) =>
          // Inserts from the session's row, so that nothing is stored for a session that has ended or was removed with its account.
          selectFrom("sessions")
            .select([
              "id_hash",
              text(enrolment.accountId).as("account_id"),
              text(enrolment.authenticatorId).as("authenticator_id"),
              int32(enrolment.number).as("number"),
              text(enrolment.sealedSecret).as("sealed_secret"),
              int64(enrolment.createdAt).as("created_at"),
              text(enrolment.label).as("label"),
            ])
            .where("id_hash", "=", enrolment.sessionHash)
            .where("ended_at", "is", null),
        )
        // An update without a change: on conflict, `returning` returns only updated rows.
        .onConflict((conflict) =>
          conflict.column("session_hash").doUpdateSet(({ ref }) => ({ number: ref("enrolments.number") })),
        )
        .returningAll()
        .executeTakeFirst();
      return row && { sessionHash: enrolment.sessionHash, ...toEnrolment(row) };
    },

    async of(sessionHash) {
      const row = await db
        .selectFrom("enrolments")
        .selectAll()
        .where("session_hash", "=", sessionHash)
        .executeTakeFirst();
      return row && { sessionHash, ...toEnrolment(row) };
    },

    async live(accountId, now, idleSince) {
      const rows = await db
        .selectFrom("enrolments")
        .innerJoin("sessions", "sessions.id_hash", "enrolments.session_hash")
        .selectAll("enrolments")
        .select(["sessions.id_hash", "sessions.kind"])
        .where("enrolments.account_id", "=", accountId)
        .where("sessions.ended_at", "is", null)
        .where("sessions.expires_at", ">", now)
        // The idle limit applies to sessions alone; a pending login has only its expiry.
        .where(({ eb, or }) =>
          or([eb("sessions.kind", "=", "pending"), eb("sessions.last_seen_at", ">", idleSince)]),
        )
        .orderBy("enrolments.number")
        .execute();
      return rows.map((row) => ({
        sessionHash: row.id_hash,
        kind: row.kind as SessionKind,
        ...toEnrolment(row),
      }));
    },

    async take(sessionHash) {
      const { numDeletedRows } = await db
        .deleteFrom("enrolments")
        .where("session_hash", "=", sessionHash)
        .executeTakeFirst();
      return numDeletedRows === 1n;
    },

    async setAside(sessionHash) {
      await db
        .updateTable("enrolments")
        .set({ session_hash: null })
        .where("session_hash", "=", sessionHash)
        .execute();
    },

    async others(accountId, sessionHash, limit) {
      const rows = await db
        .selectFrom("enrolments")
        .selectAll()
        .where("account_id", "=", accountId)
        .where(({ eb, or }) => or([eb("session_hash", "is", null), eb("session_hash", "!=", sessionHash)]))
        .orderBy("number", "desc")
        .limit(limit)
        .execute();
      return rows.map(toEnrolment);
    },

    async forgetUpTo(accountId, number, now) {
      await db
        .deleteFrom("enrolments")
        .where("account_id", "=", accountId)
        .where("number", "<=", number)
        .where((eb) => hasEnded(eb, now))
        .execute();
    },

    async prune(now, before, limit) {
      const { numDeletedRows } = await db
        .deleteFrom("enrolments")
        .where("authenticator_id", "in", ({ selectFrom }) =>
          selectFrom("enrolments")
            .select("authenticator_id")
            .where("created_at", "<", before)
            .where((eb) => hasEnded(eb, now))
            .limit(limit),
        )
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

/** Whether an enrolment's pending login or session has ended, has expired or no longer exists. */
function hasEnded({ not, exists, selectFrom }: ExpressionBuilder<Tables, "enrolments">, now: number) {
  return not(
    exists(
      selectFrom("sessions")
        .select("id_hash")
        .whereRef("id_hash", "=", "enrolments.session_hash")
        .where("ended_at", "is", null)
        .where("expires_at", ">", now),
    ),
  );
}

function toEnrolment(row: Selectable<Tables["enrolments"]>): EarlierEnrolment {
  return {
    accountId: row.account_id,
    authenticatorId: row.authenticator_id,
    number: row.number,
    sealedSecret: row.sealed_secret,
    createdAt: row.created_at,
    label: row.label,
  };
}
