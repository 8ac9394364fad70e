/**
 * Notes which accounts still have a password hash of another system, and about how long (ms) its check takes.
 * Tests: test/storage/migrations.test.ts, test/storage/contract/imported-passwords.ts
 */
import type { Migration } from "kysely";

export const importedPasswords: Migration = {
  async up({ schema }) {
    // Null: the hash is our own, or there is none.
    await schema.alterTable("accounts").addColumn("foreign_cost", "integer").execute();
    // Every sign-in asks for the dearest one, and finds it, or none, in this index.
    await schema
      .createIndex("accounts_foreign_cost")
      .on("accounts")
      .column("foreign_cost")
      .where("foreign_cost", "is not", null)
      .execute();
  },
};
