/**
 * Adds the operator's events, which outlive the account, and the time steps that a clock running ahead has spent.
 * Tests: test/storage/migrations.test.ts
 */
import type { Kysely, Migration } from "kysely";

export const events: Migration = {
  async up(db) {
    await addEvents(db);
    const { schema } = db;
    await schema.alterTable("history").addColumn("by_name", "text").execute();
    // Null unless the operator lifted a last step from the future.
    await schema.alterTable("authenticators").addColumn("spent_from", "bigint").execute();
    await schema.alterTable("authenticators").addColumn("spent_to", "bigint").execute();
  },
};

async function addEvents({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable("security_events")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("type", "text", (c) => c.notNull())
    .addColumn("at", "bigint", (c) => c.notNull())
    // No reference: an event outlives its account.
    .addColumn("account_id", "text")
    .addColumn("username", "text")
    .addColumn("reason", "text")
    .addColumn("subject", "text")
    .addColumn("by_kind", "text", (c) => c.notNull())
    .addColumn("by_name", "text")
    .addColumn("claimed_at", "bigint")
    .addColumn("reported_at", "bigint")
    .execute();
  await schema
    .createIndex("security_events_unreported")
    .on("security_events")
    .columns(["reported_at", "at"])
    .execute();
  await schema.createIndex("security_events_at").on("security_events").column("at").execute();
}
