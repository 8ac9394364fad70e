/**
 * Opens accounts to a host app: its own id of a person, an address, a name and groups; whether a new second factor needs a link;
 * labels that outlive a rename; and who made a change.
 * Tests: test/storage/migrations.test.ts
 */
import type { Migration } from "kysely";

export const accountsByCode: Migration = {
  async up({ schema }) {
    await schema.alterTable("accounts").addColumn("external_id", "text").execute();
    await schema.alterTable("accounts").addColumn("email", "text").execute();
    await schema
      .alterTable("accounts")
      .addColumn("email_confirmed", "integer", (c) => c.notNull().defaultTo(0))
      .execute();
    await schema.alterTable("accounts").addColumn("name", "text").execute();
    // A JSON array; null is none.
    await schema.alterTable("accounts").addColumn("groups", "text").execute();
    await schema
      .alterTable("accounts")
      .addColumn("needs_link", "integer", (c) => c.notNull().defaultTo(0))
      .execute();
    await schema
      .createIndex("accounts_external_id")
      .unique()
      .on("accounts")
      .column("external_id")
      .where("external_id", "is not", null)
      .execute();
    // Null: the label follows from the username and the number.
    await schema.alterTable("authenticators").addColumn("label", "text").execute();
    await schema.alterTable("enrolments").addColumn("label", "text").execute();
    // Null: the owner, or, where `by_operator` is 1, an operator.
    await schema.alterTable("history").addColumn("by_kind", "text").execute();
  },
};
