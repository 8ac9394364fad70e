/**
 * Adds a histogram over all accounts of how far the authenticators' clocks are from the server's.
 * Tests: test/storage/migrations.test.ts
 */
import type { Kysely, Migration } from "kysely";

export const serverClock: Migration = {
  async up(db) {
    await addDrifts(db);
    await extendAccounts(db);
  },
};

async function addDrifts({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable("drifts")
    .addColumn("window", "integer", (c) => c.notNull())
    .addColumn("bin", "integer", (c) => c.notNull())
    .addColumn("accounts", "integer", (c) => c.notNull())
    .addPrimaryKeyConstraint("drifts_key", ["window", "bin"])
    .execute();
}

async function extendAccounts({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .alterTable("accounts")
    .addColumn("drift_window", "integer", (c) => c.notNull().defaultTo(0))
    .execute();
}
