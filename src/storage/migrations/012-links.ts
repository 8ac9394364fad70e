/**
 * Adds one-time links: invitations, and links for a new password or a second factor that the operator has reset.
 * Tests: test/storage/migrations.test.ts
 */
import type { Migration } from "kysely";

export const links: Migration = {
  async up({ schema }) {
    await schema
      .createTable("links")
      .addColumn("token_hash", "text", (c) => c.primaryKey())
      .addColumn("account_id", "text", (c) => c.notNull().references("accounts.id").onDelete("cascade"))
      .addColumn("kind", "text", (c) => c.notNull())
      .addColumn("created_at", "bigint", (c) => c.notNull())
      .addColumn("expires_at", "bigint", (c) => c.notNull())
      .addColumn("used_at", "bigint")
      .addColumn("ended_at", "bigint")
      .execute();
    await schema.createIndex("links_account_id").on("links").columns(["account_id", "created_at"]).execute();
    // Pruning reads only those that are used or ended.
    await schema
      .createIndex("links_ended_at")
      .on("links")
      .column("ended_at")
      .where("ended_at", "is not", null)
      .execute();
  },
};
