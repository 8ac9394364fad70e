/**
 * Runs transactions, and retries one that the engine has rolled back because of a conflict, for example a deadlock.
 * Tests: test/storage/store.test.ts
 */
import type { Kysely, Transaction } from "kysely";
import { StoreUnavailable } from "../auth/store.js";
import type { Tables } from "./tables.js";

/** The engine rolled back this transaction so that another could continue. */
export class Conflict extends StoreUnavailable {
  override name = "Conflict";
}

const MAX_TRIES = 3;

/**
 * Runs `work` in one transaction. After a conflict `work` runs again, at most three times in all, and only the last run counts.
 * @throws what `work` throws; Conflict when the last try conflicted too
 */
export async function transact<T>(
  db: Kysely<Tables>,
  work: (tx: Transaction<Tables>) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      // After waiting for the account's row lock, each statement must see what the previous transaction has written.
      return await db.transaction().setIsolationLevel("read committed").execute(work);
    } catch (error) {
      if (!(error instanceof Conflict) || tries === MAX_TRIES) throw error;
    }
  }
}
