/** Keys that outlive APP_SECRETS: made once, kept sealed, the same for every node and over every rotation. */
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
