/** Pending logins and sessions: one row a browser; ending leaves a tombstone that nothing can write to. */
import type { Kysely } from "kysely";
import type { SessionKind, Store } from "../auth/store.js";
import type { Tables } from "./tables.js";

export function sessionStore(db: Kysely<Tables>): Store["sessions"] {
  return {
    async open(row) {
      await db
        .insertInto("sessions")
        .values({
          id_hash: row.idHash,
          kind: row.kind,
          account_id: row.accountId,
          opened_from: row.openedFrom,
          next: row.next,
          methods: row.methods,
          device: row.device,
          address: row.address,
          created_at: row.createdAt,
          last_seen_at: row.lastSeenAt,
          expires_at: row.expiresAt,
          ended_at: row.endedAt,
          data: row.data,
        })
        .execute();
    },

    async find(idHash) {
      const row = await db
        .selectFrom("sessions")
        .innerJoin("accounts", "accounts.id", "sessions.account_id")
        .selectAll("sessions")
        .select(["accounts.username", "accounts.is_demo"])
        .where("id_hash", "=", idHash)
        .executeTakeFirst();
      if (!row) return undefined;
      return {
        idHash: row.id_hash,
        kind: row.kind as SessionKind,
        accountId: row.account_id,
        openedFrom: row.opened_from,
        next: row.next,
        methods: row.methods,
        device: row.device,
        address: row.address,
        createdAt: row.created_at,
        lastSeenAt: row.last_seen_at,
        expiresAt: row.expires_at,
        endedAt: row.ended_at,
        data: row.data,
        username: row.username,
        isDemo: row.is_demo === 1,
      };
    },

    async end(idHash, now, kind) {
      let update = db
        .updateTable("sessions")
        .set({ ended_at: now, data: "" })
        .where("id_hash", "=", idHash)
        .where("ended_at", "is", null);
      if (kind) update = update.where("kind", "=", kind).where("expires_at", ">", now);
      const { numUpdatedRows } = await update.executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    async endOpenedFrom(idHash, now) {
      await db
        .updateTable("sessions")
        .set({ ended_at: now, data: "" })
        .where("opened_from", "=", idHash)
        .where("ended_at", "is", null)
        .execute();
    },

    async seen(idHash, now) {
      await db
        .updateTable("sessions")
        .set({ last_seen_at: now })
        .where("id_hash", "=", idHash)
        .where("ended_at", "is", null)
        .where("last_seen_at", "<", now)
        .execute();
    },

    async write(idHash, data) {
      const { numUpdatedRows } = await db
        .updateTable("sessions")
        .set({ data })
        .where("id_hash", "=", idHash)
        .where("ended_at", "is", null)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    async prune(now, limit) {
      const over = db.selectFrom("sessions").select("id_hash").where("expires_at", "<=", now).limit(limit);
      const { numDeletedRows } = await db
        .deleteFrom("sessions")
        .where("id_hash", "in", over)
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}
