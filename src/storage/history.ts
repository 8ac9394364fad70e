/** The history of each account: lines that are added and, in time, pruned, but never changed. */
import type { Kysely, Selectable } from "kysely";
import type { HistoryEntry, Store } from "../auth/store.js";
import { big, howMany, text, whole } from "./casts.js";
import type { Tables } from "./tables.js";

export function historyStore(db: Kysely<Tables>): Store["history"] {
  return {
    async add(entry) {
      await db
        .insertInto("history")
        .columns([
          "id",
          "account_id",
          "at",
          "place",
          "type",
          "reason",
          "subject",
          "by_operator",
          "device",
          "address",
        ])
        .expression(({ selectFrom }) =>
          // Read from the account's row, so that a removed account is no error.
          selectFrom("accounts")
            .select([
              text(entry.id).as("id"),
              "accounts.id as account_id",
              big(entry.at).as("at"),
              db
                .selectFrom("history")
                .select(howMany.as("total"))
                .where("account_id", "=", entry.accountId)
                .where("at", "=", entry.at)
                .as("place"),
              text(entry.type).as("type"),
              text(entry.reason).as("reason"),
              text(entry.subject).as("subject"),
              whole(entry.byOperator ? 1 : 0).as("by_operator"),
              text(entry.device).as("device"),
              text(entry.address).as("address"),
            ])
            .where("accounts.id", "=", entry.accountId),
        )
        .execute();
    },

    async addNone(entry) {
      const { id, at, type, reason, subject, byOperator, device, address } = entry;
      const line = {
        id,
        at,
        place: 0,
        type,
        reason,
        subject,
        by_operator: byOperator ? 1 : 0,
        device,
        address,
      };
      await db
        .insertInto("history")
        .values({ ...line, account_id: null })
        .execute();
      await db.deleteFrom("history").where("id", "=", id).execute();
    },

    async of(accountId, limit, offset) {
      const rows = await db
        .selectFrom("history")
        .selectAll()
        .where("account_id", "=", accountId)
        .orderBy("at", "desc")
        .orderBy("place", "desc")
        .orderBy("id")
        .limit(limit)
        .offset(offset)
        .execute();
      return rows.map((row) => toEntry(accountId, row));
    },

    async countSince(accountId, types, after) {
      const { total } = await db
        .selectFrom("history")
        .select(howMany.as("total"))
        .where("account_id", "=", accountId)
        .where("at", ">", after)
        .where("type", "in", types)
        .executeTakeFirstOrThrow();
      return total;
    },

    async prune(before, limit) {
      const old = db.selectFrom("history").select("id").where("at", "<", before).limit(limit);
      const { numDeletedRows } = await db.deleteFrom("history").where("id", "in", old).executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

function toEntry(accountId: string, row: Selectable<Tables["history"]>): HistoryEntry {
  return {
    id: row.id,
    accountId,
    at: row.at,
    type: row.type,
    reason: row.reason,
    subject: row.subject,
    byOperator: row.by_operator === 1,
    device: row.device,
    address: row.address,
  };
}
