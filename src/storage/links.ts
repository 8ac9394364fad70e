/**
 * Stores one-time links by the hashes of their tokens: each is used at most once, and ended ones never open again.
 * Tests: test/storage/store.test.ts
 */
import type { Kysely, Selectable } from "kysely";
import type { Link, LinkStore } from "../auth/store.js";
import type { Tables } from "./tables.js";

export function linkStore(db: Kysely<Tables>): LinkStore {
  return {
    async add(link) {
      await db
        .insertInto("links")
        .values({
          token_hash: link.tokenHash,
          account_id: link.accountId,
          kind: link.kind,
          created_at: link.createdAt,
          expires_at: link.expiresAt,
          used_at: link.usedAt,
          ended_at: link.endedAt,
        })
        .execute();
    },

    async find(tokenHashes) {
      const row = await db
        .selectFrom("links")
        .selectAll()
        .where("token_hash", "in", tokenHashes)
        .executeTakeFirst();
      return row && toLink(row);
    },

    async use(accountId, tokenHashes, now) {
      const { numUpdatedRows } = await db
        .updateTable("links")
        .set({ used_at: now, ended_at: now })
        .where("token_hash", "in", tokenHashes)
        .where("account_id", "=", accountId)
        .where("ended_at", "is", null)
        .where("expires_at", ">", now)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    async endAll(accountId, now) {
      await db
        .updateTable("links")
        .set({ ended_at: now })
        .where("account_id", "=", accountId)
        .where("ended_at", "is", null)
        .execute();
    },

    async trim(accountId, max, limit) {
      await db
        .deleteFrom("links")
        .where("token_hash", "in", ({ selectFrom }) =>
          selectFrom("links")
            .select("token_hash")
            .where("account_id", "=", accountId)
            .orderBy("created_at", "desc")
            .orderBy("token_hash")
            .limit(limit)
            .offset(max),
        )
        .execute();
    },

    async prune(before, limit) {
      const ended = db.selectFrom("links").select("token_hash").where("ended_at", "<=", before).limit(limit);
      const { numDeletedRows } = await db
        .deleteFrom("links")
        .where("token_hash", "in", ended)
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

function toLink(row: Selectable<Tables["links"]>): Link {
  return {
    tokenHash: row.token_hash,
    accountId: row.account_id,
    kind: row.kind,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
    endedAt: row.ended_at,
  };
}
