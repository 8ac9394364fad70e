/**
 * Stores trusted devices (browsers): hashes of the tokens that replace the second factor until they expire or are revoked.
 * Tests: test/storage/store.test.ts
 */
import type { Kysely, Selectable } from "kysely";
import type { Store, TrustedDevice } from "../auth/store.js";
import type { Tables } from "./tables.js";

export function trustedDeviceStore(db: Kysely<Tables>): Store["trustedDevices"] {
  return {
    async add(device) {
      await db
        .insertInto("trusted_devices")
        .values({
          id: device.id,
          account_id: device.accountId,
          token_hash: device.tokenHash,
          device: device.device,
          address: device.address,
          created_at: device.createdAt,
          last_used_at: device.lastUsedAt,
          expires_at: device.expiresAt,
        })
        .execute();
    },

    async trim(accountId, max, limit) {
      await db
        .deleteFrom("trusted_devices")
        .where("id", "in", ({ selectFrom }) =>
          selectFrom("trusted_devices")
            .select("id")
            .where("account_id", "=", accountId)
            .orderBy("last_used_at", "desc")
            .orderBy("id")
            .limit(limit)
            .offset(max),
        )
        .execute();
    },

    async use(accountId, tokenHashes, now) {
      const { numUpdatedRows } = await db
        .updateTable("trusted_devices")
        .set({ last_used_at: now, token_hash: tokenHashes[0] })
        .where("token_hash", "in", tokenHashes)
        .where("account_id", "=", accountId)
        .where("expires_at", ">", now)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    async of(accountId, now, limit) {
      const rows = await db
        .selectFrom("trusted_devices")
        .selectAll()
        .where("account_id", "=", accountId)
        .where("expires_at", ">", now)
        .orderBy("created_at", "desc")
        .orderBy("id")
        .limit(limit)
        .execute();
      return rows.map(toTrustedDevice);
    },

    async forget(accountId, id) {
      const { numDeletedRows } = await db
        .deleteFrom("trusted_devices")
        .where("account_id", "=", accountId)
        .where("id", "=", id)
        .executeTakeFirst();
      return numDeletedRows === 1n;
    },

    async forgetToken(accountId, tokenHashes) {
      await db
        .deleteFrom("trusted_devices")
        .where("account_id", "=", accountId)
        .where("token_hash", "in", tokenHashes)
        .execute();
    },

    async forgetAll(accountId) {
      await db.deleteFrom("trusted_devices").where("account_id", "=", accountId).execute();
    },

    async prune(now, limit) {
      const expired = db
        .selectFrom("trusted_devices")
        .select("id")
        .where("expires_at", "<=", now)
        .limit(limit);
      const { numDeletedRows } = await db
        .deleteFrom("trusted_devices")
        .where("id", "in", expired)
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

function toTrustedDevice(row: Selectable<Tables["trusted_devices"]>): TrustedDevice {
  return {
    id: row.id,
    accountId: row.account_id,
    tokenHash: row.token_hash,
    device: row.device,
    address: row.address,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
  };
}
