/** Recovery codes: sheets of hashes, each good once, until a newer sheet ends them. */
import type { Kysely, Selectable } from "kysely";
import type { RecoveryCode, Store } from "../auth/store.js";
import { big, howMany, whole } from "./casts.js";
import type { Tables } from "./tables.js";

const CODE = ["sheet", "position", "used_at", "ended_at"] as const;

export function recoveryCodeStore(db: Kysely<Tables>): Store["recoveryCodes"] {
  return {
    async addSheet(sheet, codeHashes) {
      // The sheet's row decides between two who print at once; read from the account's, it never outlives it.
      const added = await db
        .insertInto("recovery_sheets")
        .columns(["account_id", "number", "created_at", "proved_at"])
        .expression(({ selectFrom }) =>
          selectFrom("accounts")
            .select([
              "id",
              whole(sheet.number).as("number"),
              big(sheet.createdAt).as("created_at"),
              big(sheet.provedAt).as("proved_at"),
            ])
            .where("id", "=", sheet.accountId),
        )
        .onConflict((conflict) => conflict.columns(["account_id", "number"]).doNothing())
        .returning("number")
        .executeTakeFirst();
      if (!added) return false;
      const codes = codeHashes.map((codeHash, index) => ({
        code_hash: codeHash,
        account_id: sheet.accountId,
        sheet: sheet.number,
        position: index + 1,
      }));
      await db.insertInto("recovery_codes").values(codes).execute();
      return true;
    },

    async sheetOf(accountId) {
      const row = await db
        .selectFrom("recovery_sheets")
        .selectAll("recovery_sheets")
        .select(({ selectFrom }) =>
          selectFrom("recovery_codes")
            .select(howMany.as("total"))
            .whereRef("account_id", "=", "recovery_sheets.account_id")
            .whereRef("sheet", "=", "recovery_sheets.number")
            .where("used_at", "is", null)
            .where("ended_at", "is", null)
            .as("left"),
        )
        .where("account_id", "=", accountId)
        .orderBy("number", "desc")
        .limit(1)
        .executeTakeFirst();
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
      await db
        .updateTable("recovery_sheets")
        .set({ proved_at: now })
        .where("account_id", "=", accountId)
        .where("number", "=", sheet)
        .where("proved_at", "is", null)
        .execute();
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
  };
}

function toRecoveryCode(
  row: Pick<Selectable<Tables["recovery_codes"]>, (typeof CODE)[number]>,
): RecoveryCode {
  return { sheet: row.sheet, position: row.position, usedAt: row.used_at, endedAt: row.ended_at };
}
