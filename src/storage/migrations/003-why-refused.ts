/**
 * Lets Latchkey say why a code was refused: keeps the secrets of earlier set-ups for a while, and an authenticator's drift.
 * Tests: test/storage/migrations.test.ts
 */
import type { Kysely, Migration } from "kysely";

export const whyRefused: Migration = {
  async up(db) {
    // Null until the authenticator is resynchronised.
    await db.schema.alterTable("authenticators").addColumn("drift_seconds", "integer").execute();
    await rebuildEnrolments(db);
  },
};

/** Replaces the table: SQLite cannot change the keys or references of an existing one. */
async function rebuildEnrolments(untyped: Kysely<unknown>): Promise<void> {
  const { schema } = untyped;
  await schema
    .createTable("new_enrolments")
    .addColumn("authenticator_id", "text", (c) => c.primaryKey())
    // Before, an enrolment was deleted with its session; now it stays, without a session.
    .addColumn("session_hash", "text", (c) => c.unique().references("sessions.id_hash").onDelete("set null"))
    .addColumn("account_id", "text", (c) => c.notNull().references("accounts.id").onDelete("cascade"))
    .addColumn("number", "integer", (c) => c.notNull())
    .addColumn("sealed_secret", "text", (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .execute();
  const db = untyped as Kysely<
    Record<"enrolments" | "new_enrolments", Record<(typeof COLUMNS)[number], string>> & {
      accounts: { id: string };
    }
  >;
  await db
    .insertInto("new_enrolments")
    .columns(COLUMNS)
    // Before, no foreign key removed enrolments with their account, so some may belong to removed accounts.
    .expression(
      db
        .selectFrom("enrolments")
        .select(COLUMNS)
        .where("account_id", "in", ({ selectFrom }) => selectFrom("accounts").select("id")),
    )
    .execute();
  await schema.dropTable("enrolments").execute();
  await schema.alterTable("new_enrolments").renameTo("enrolments").execute();
  await schema.createIndex("enrolments_created").on("enrolments").column("created_at").execute();
  await schema.createIndex("enrolments_account").on("enrolments").columns(["account_id", "number"]).execute();
}

const COLUMNS = [
  "authenticator_id",
  "session_hash",
  "account_id",
  "number",
  "sealed_secret",
  "created_at",
] as const;
