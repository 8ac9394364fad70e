/**
 * Adds keys that outlive APP_SECRETS: generated once, stored encrypted, the same on every node and after every rotation.
 * Tests: test/storage/migrations.test.ts
 */
import type { Migration } from "kysely";

export const storedKeys: Migration = {
  async up({ schema }) {
    await schema
      .createTable("stored_keys")
      .addColumn("name", "text", (c) => c.primaryKey())
      .addColumn("sealed_key", "text", (c) => c.notNull())
      .execute();
  },
};
