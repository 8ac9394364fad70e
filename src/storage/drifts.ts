/** A histogram of clock drifts over all accounts: how many were in which bin, window by window. */
import type { Kysely } from "kysely";
import type { Store } from "../auth/store.js";
import type { Tables } from "./tables.js";
import { transact } from "./transaction.js";

export function driftStore(db: Kysely<Tables>): Store["drifts"] {
  return {
    note(accountId, window, bin) {
      return transact(db, async (tx) => {
        // First the account's row, which the transaction then holds: of two at the same time one is told no.
        const { numUpdatedRows } = await tx
          .updateTable("accounts")
          .set({ drift_window: window })
          .where("id", "=", accountId)
          // Not "<": where the clock ran ahead for a while, an account would be silent until that time has come.
          .where("drift_window", "!=", window)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) return false;
        await tx
          .insertInto("drifts")
          .values({ window, bin, accounts: 1 })
          .onConflict((conflict) =>
            conflict
              .columns(["window", "bin"])
              .doUpdateSet((eb) => ({ accounts: eb("drifts.accounts", "+", 1) })),
          )
          .execute();
        return true;
      });
    },

    since(window) {
      return db
        .selectFrom("drifts")
        .selectAll()
        .where("window", ">=", window)
        .orderBy("window")
        .orderBy("bin")
        .execute();
    },

    async prune(first, last) {
      await db
        .deleteFrom("drifts")
        .where(({ or, eb }) => or([eb("window", "<", first), eb("window", ">", last)]))
        .execute();
    },
  };
}
