/**
 * Stores the histogram of clock drift over all accounts: how many accounts fell into each bin, per window of time.
 * Tests: test/storage/store.test.ts
 */
import type { Kysely } from "kysely";
import type { Store } from "../auth/store.js";
import type { Tables } from "./tables.js";
import { transact } from "./transaction.js";

export function driftStore(db: Kysely<Tables>): Store["drifts"] {
  return {
    note(accountId, window, bin) {
      return transact(db, async (tx) => {
        // Counts an account once per window: the conditional update locks its row, so of two concurrent calls one updates nothing.
        const { numUpdatedRows } = await tx
          .updateTable("accounts")
          .set({ drift_window: window })
          .where("id", "=", accountId)
          // Not "<": after the server's clock ran ahead, an account would not be counted until that future window.
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
