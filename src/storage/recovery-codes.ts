/**
 * Stores recovery codes: sheets of hashes, each of which works once, until a newer sheet or the operator ends it; and, sealed in
 * the row of a session, those that it still shows.
 * Tests: test/storage/store.test.ts
 */
import type { Kysely, Selectable } from "kysely";
import type { RecoveryCode, Store } from "../auth/store.js";
import { countRows } from "./columns.js";
import { compiled, type Value } from "./compiled-queries.js";
import type { Tables } from "./tables.js";

const HIDDEN = { sealed_codes: null, codes_until: null };

const CODE = ["sheet", "position", "used_at", "ended_at"] as const;

const newestSheet = compiled((db, value: Value<{ accountId: string }>) =>
  db
    .selectFrom("recovery_sheets")
    .selectAll("recovery_sheets")
    .select(({ selectFrom }) =>
      selectFrom("recovery_codes")
        .select(countRows.as("total"))
        .whereRef("account_id", "=", "recovery_sheets.account_id")
        .whereRef("sheet", "=", "recovery_sheets.number")
        .where("used_at", "is", null)
        .where("ended_at", "is", null)
        .as("left"),
    )
    .where("account_id", "=", value("accountId"))
    .orderBy("number", "desc")
    .limit(1),
);

export function recoveryCodeStore(db: Kysely<Tables>): Store["recoveryCodes"] {
  return {
    async addSheet(sheet, codeHashes) {
      await db
        .insertInto("recovery_sheets")
        .values({
          account_id: sheet.accountId,
          number: sheet.number,
          created_at: sheet.createdAt,
          proved_at: sheet.provedAt,
        })
        .execute();
      const codes = codeHashes.map((codeHash, index) => ({
        code_hash: codeHash,
        account_id: sheet.accountId,
        sheet: sheet.number,
        position: index + 1,
      }));
      await db.insertInto("recovery_codes").values(codes).execute();
    },

    async sheetOf(accountId) {
      const { rows } = await newestSheet(db, { accountId });
      const [row] = rows;
      if (!row) return undefined;
      return {
        accountId: row.account_id,
        number: row.number,
        createdAt: row.created_at,
        provedAt: row.proved_at,
        left: row.left ?? 0,
      };
    },

    async use(accountId, codeHash, now) {
      const row = await db
        .updateTable("recovery_codes")
        .set({ used_at: now })
        .where("code_hash", "=", codeHash)
        .where("account_id", "=", accountId)
        .where("used_at", "is", null)
        .where("ended_at", "is", null)
        .returning(CODE)
        .executeTakeFirst();
      return row && toRecoveryCode(row);
    },

    async find(accountId, codeHash) {
      const row = await db
        .selectFrom("recovery_codes")
        .select(CODE)
        .where("code_hash", "=", codeHash)
        .where("account_id", "=", accountId)
        .executeTakeFirst();
      return row && toRecoveryCode(row);
    },

    async endAll(accountId, now) {
      await db
        .updateTable("recovery_codes")
        .set({ ended_at: now })
        .where("account_id", "=", accountId)
        .where("ended_at", "is", null)
        .execute();
    },

    async prove(accountId, sheet, now) {
      const { numUpdatedRows } = await db
        .updateTable("recovery_sheets")
        .set({ proved_at: now })
        .where("account_id", "=", accountId)
        .where("number", "=", sheet)
        .where("proved_at", "is", null)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    async forgetBefore(accountId, sheet) {
      await db
        .deleteFrom("recovery_codes")
        .where("account_id", "=", accountId)
        .where("sheet", "<", sheet)
        .execute();
      await db
        .deleteFrom("recovery_sheets")
        .where("account_id", "=", accountId)
        .where("number", "<", sheet)
        .execute();
    },

    async show(idHash, { sealed, until }) {
      await db
        .updateTable("sessions")
        .set({ sealed_codes: sealed, codes_until: until })
        .where("id_hash", "=", idHash)
        .where("ended_at", "is", null)
        .execute();
    },

    async hide(accountId, family) {
      let update = db
        .updateTable("sessions")
        .set(HIDDEN)
        .where("account_id", "=", accountId)
        .where("sealed_codes", "is not", null);
      if (family !== undefined) update = update.where("family", "=", family);
      await update.execute();
    },

    async pruneShown(now, limit) {
      const { numUpdatedRows } = await db
        .updateTable("sessions")
        .set(HIDDEN)
        .where("id_hash", "in", ({ selectFrom }) =>
          selectFrom("sessions").select("id_hash").where("codes_until", "<=", now).limit(limit),
        )
        .executeTakeFirst();
      return Number(numUpdatedRows);
    },
  };
}

function toRecoveryCode(
  row: Pick<Selectable<Tables["recovery_codes"]>, (typeof CODE)[number]>,
): RecoveryCode {
  return { sheet: row.sheet, position: row.position, usedAt: row.used_at, endedAt: row.ended_at };
}
