/**
 * Stores each account's history: lines are appended and, after their retention, pruned, but never changed.
 * Tests: test/storage/store.test.ts
 */
import { type Kysely, type Selectable, sql } from "kysely";
import type { HistoryEntry, Store } from "../auth/store.js";
import { countRows, int32, int64, text } from "./columns.js";
import { compiled, type Value } from "./compiled-queries.js";
import type { Tables } from "./tables.js";

type Line = Omit<HistoryEntry, "accountId"> & { byOperator: number };

/** Inserts from the account's row, so that for a removed account nothing is added and nothing fails. */
const append = compiled((db, value: Value<Line & { accountId: string }>) =>
  db
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
      "by_kind",
      "by_name",
      "device",
      "address",
    ])
    .expression(({ selectFrom }) =>
      selectFrom("accounts")
        .select([
          text(value("id")).as("id"),
          "accounts.id as account_id",
          int64(value("at")).as("at"),
          db
            .selectFrom("history")
            // The highest place plus one, not the number of lines: a line may have been removed.
            .select(sql<number>`cast(coalesce(max(place), -1) + 1 as integer)`.as("next"))
            .where("account_id", "=", value("accountId"))
            .where("at", "=", value("at"))
            .as("place"),
          text(value("type")).as("type"),
          text(value("reason")).as("reason"),
          text(value("subject")).as("subject"),
          int32(value("byOperator")).as("by_operator"),
          text(value("byKind")).as("by_kind"),
          text(value("byName")).as("by_name"),
          text(value("device")).as("device"),
          text(value("address")).as("address"),
        ])
        .where("accounts.id", "=", value("accountId")),
    ),
);

/**
 * Inserts a line that belongs to no account: the same work as for a real one, for attempts on names without an account (prevents
 * account enumeration by timing).
 */
const appendWithoutAccount = compiled((db, value: Value<Line>) =>
  db.insertInto("history").values({
    id: value("id"),
    account_id: null,
    at: value("at"),
    place: 0,
    type: value("type"),
    reason: value("reason"),
    subject: value("subject"),
    by_operator: value("byOperator"),
    by_kind: value("byKind"),
    by_name: value("byName"),
    device: value("device"),
    address: value("address"),
  }),
);

const remove = compiled((db, value: Value<{ id: string }>) =>
  db.deleteFrom("history").where("id", "=", value("id")),
);

/** Skips the newest `max` lines along an index, so that only lines to be deleted are read from the table. */
const trim = compiled((db, value: Value<{ accountId: string; max: number; limit: number }>) =>
  db
    .deleteFrom("history")
    .where("id", "in", ({ selectFrom }) =>
      selectFrom("history")
        .select("id")
        .where("account_id", "=", value("accountId"))
        .orderBy("at", "desc")
        .orderBy("place", "desc")
        .limit(value("limit"))
        .offset(value("max")),
    ),
);

export function historyStore(db: Kysely<Tables>): Store["history"] {
  return {
    async add(entry) {
      await append(db, { ...entry, byOperator: entry.byKind === null ? 0 : 1 });
    },

    async addAndRemove(entry) {
      const { id } = entry;
      await appendWithoutAccount(db, { ...entry, byOperator: entry.byKind === null ? 0 : 1 });
      await remove(db, { id });
    },

    async of(accountId, limit, offset, types) {
      let lines = db.selectFrom("history").selectAll().where("account_id", "=", accountId);
      // Filters along the account's index: MAX_HISTORY bounds the lines that it reads.
      if (types) lines = lines.where("type", "in", types);
      const rows = await lines
        .orderBy("at", "desc")
        .orderBy("place", "desc")
        .orderBy("id")
        .limit(limit)
        .offset(offset)
        .execute();
      return rows.map((row) => toEntry(accountId, row));
    },

    async trim(accountId, max, limit) {
      await trim(db, { accountId, max, limit });
    },

    async remove(accountId, id) {
      await db.deleteFrom("history").where("id", "=", id).where("account_id", "=", accountId).execute();
    },

    async firstAfter(accountId, after) {
      const row = await db
        .selectFrom("history")
        .select("at")
        .where("account_id", "=", accountId)
        .where("at", ">", after)
        .orderBy("at")
        .limit(1)
        .executeTakeFirst();
      return row?.at;
    },

    async countSince(accountId, types, after) {
      const rows = await db
        .selectFrom("history")
        .select(["type", countRows.as("total")])
        .where("account_id", "=", accountId)
        .where("at", ">", after)
        .where("type", "in", types)
        .groupBy("type")
        .execute();
      return new Map(rows.map(({ type, total }) => [type, total]));
    },

    async countFrom(accountId, type, after, { device, address }) {
      const rows = await db
        .selectFrom("history")
        .select(["device", "address"])
        .where("account_id", "=", accountId)
        .where("at", ">", after)
        .where("type", "=", type)
        .execute();
      const fromBrowser = rows.filter((row) => row.device === device && row.address === address);
      return { all: rows.length, fromBrowser: fromBrowser.length };
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
    byKind: row.by_kind ?? (row.by_operator === 1 ? "operator" : null),
    byName: row.by_name,
    device: row.device,
    address: row.address,
  };
}
