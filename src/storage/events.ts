/**
 * Stores the security events of the command line until a server claims each of them, once, and reports it in its log and
 * metrics.
 * Tests: test/storage/store.test.ts
 */
import type { ExpressionBuilder, Kysely, Selectable } from "kysely";
import type { RecordedEvent, Store } from "../auth/store.js";
import type { Tables } from "./tables.js";

export function eventStore(db: Kysely<Tables>): Store["events"] {
  return {
    async add(event) {
      await db
        .insertInto("security_events")
        .values({
          id: event.id,
          type: event.type,
          at: event.at,
          account_id: event.accountId,
          username: event.username,
          reason: event.reason,
          subject: event.subject,
          by_kind: event.byKind,
          by_name: event.byName,
          claimed_at: null,
          reported_at: null,
        })
        .execute();
    },

    async claimable(now, claimMs, limit) {
      const rows = await db
        .selectFrom("security_events")
        .select("id")
        .where("reported_at", "is", null)
        .where(isUnclaimed(now, claimMs))
        .orderBy("at")
        .orderBy("id")
        .limit(limit)
        .execute();
      return rows.map(({ id }) => id);
    },

    async claim(id, now, claimMs) {
      const row = await db
        .updateTable("security_events")
        .set({ claimed_at: now })
        .where("id", "=", id)
        .where("reported_at", "is", null)
        .where(isUnclaimed(now, claimMs))
        .returningAll()
        .executeTakeFirst();
      return row && toEvent(row);
    },

    async reported(id, now) {
      await db.updateTable("security_events").set({ reported_at: now }).where("id", "=", id).execute();
    },

    async prune(before, limit) {
      const old = db.selectFrom("security_events").select("id").where("at", "<", before).limit(limit);
      const { numDeletedRows } = await db
        .deleteFrom("security_events")
        .where("id", "in", old)
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

/**
 * Whether no server's claim on an event holds. A claim lasts `claimMs`; a claim further than that in the future comes from a wrong
 * clock, and must not block the event until then.
 */
function isUnclaimed(now: number, claimMs: number) {
  return ({ eb, or }: ExpressionBuilder<Tables, "security_events">) =>
    or([
      eb("claimed_at", "is", null),
      eb("claimed_at", "<=", now - claimMs),
      eb("claimed_at", ">=", now + claimMs),
    ]);
}

function toEvent(row: Selectable<Tables["security_events"]>): RecordedEvent {
  return {
    id: row.id,
    type: row.type,
    at: row.at,
    accountId: row.account_id,
    username: row.username,
    reason: row.reason,
    subject: row.subject,
    byKind: row.by_kind,
    byName: row.by_name,
  };
}
