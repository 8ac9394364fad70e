/** Stores the labels of entries in apps, which follow from the username until it changes. Tests: test/storage/store.test.ts */
import type { Kysely } from "kysely";
import type { Store } from "../auth/store.js";
import type { Tables } from "./tables.js";

export function labelStore(db: Kysely<Tables>): Store["labels"] {
  return {
    async freeze(accountId, labelOf) {
      for (const table of ["authenticators", "enrolments"] as const) {
        const unfrozen = await db
          .selectFrom(table)
          .select("number")
          .distinct()
          .where("account_id", "=", accountId)
          .where("label", "is", null)
          .execute();
        for (const { number } of unfrozen) {
          await db
            .updateTable(table)
            .set({ label: labelOf(number) })
            .where("account_id", "=", accountId)
            .where("number", "=", number)
            .where("label", "is", null)
            .execute();
        }
      }
    },
  };
}
