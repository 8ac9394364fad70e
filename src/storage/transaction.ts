/** Transactions: whole or not at all, and begun again where two have got in each other's way. */
import type { Kysely, Transaction } from "kysely";
import { StoreUnavailable } from "../auth/store.js";
import type { Tables } from "./tables.js";

/** The engine has undone a transaction so that another could go on. */
export class Conflict extends StoreUnavailable {
  override name = "Conflict";
}

const TRIES = 3;

/** Runs `work` in one transaction; `work` may run more than once, and only the last time counts. */
export async function transact<T>(
  db: Kysely<Tables>,
  work: (tx: Transaction<Tables>) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      // Behind the account's lock each statement is to see what the transaction before has written.
      return await db.transaction().setIsolationLevel("read committed").execute(work);
    } catch (error) {
      if (!(error instanceof Conflict) || tries === TRIES) throw error;
    }
  }
}
