/**
 * Creates the tables for signing in with a password and a code: accounts, authenticators, sessions, enrolments, throttle.
 * Tests: test/storage/migrations.test.ts
 */
import type { Migration } from "kysely";

export const wayIn: Migration = {
  async up(db) {
    await db.schema
      .createTable("accounts")
      .addColumn("id", "text", (c) => c.primaryKey())
      .addColumn("username", "text", (c) => c.notNull().unique())
      .addColumn("password_hash", "text", (c) => c.notNull())
      .addColumn("is_demo", "integer", (c) => c.notNull().defaultTo(0))
      .addColumn("created_at", "bigint", (c) => c.notNull())
      .addColumn("second_factor_since", "bigint")
      .execute();
    await db.schema
      .createTable("authenticators")
      .addColumn("id", "text", (c) => c.primaryKey())
      .addColumn("account_id", "text", (c) => c.notNull().references("accounts.id").onDelete("cascade"))
      .addColumn("name", "text", (c) => c.notNull())
      .addColumn("sealed_secret", "text", (c) => c.notNull())
      .addColumn("last_step", "bigint", (c) => c.notNull())
      .addColumn("created_at", "bigint", (c) => c.notNull())
      .addColumn("last_used_at", "bigint", (c) => c.notNull())
      .execute();
    await db.schema.createIndex("authenticators_account").on("authenticators").column("account_id").execute();
    await db.schema
      .createTable("sessions")
      .addColumn("id_hash", "text", (c) => c.primaryKey())
      .addColumn("kind", "text", (c) => c.notNull())
      .addColumn("account_id", "text", (c) => c.notNull().references("accounts.id").onDelete("cascade"))
      .addColumn("opened_from", "text")
      .addColumn("next", "text")
      .addColumn("methods", "text", (c) => c.notNull())
      .addColumn("device", "text", (c) => c.notNull())
      .addColumn("address", "text", (c) => c.notNull())
      .addColumn("created_at", "bigint", (c) => c.notNull())
      .addColumn("last_seen_at", "bigint", (c) => c.notNull())
      .addColumn("expires_at", "bigint", (c) => c.notNull())
      .addColumn("ended_at", "bigint")
      .addColumn("data", "text", (c) => c.notNull().defaultTo(""))
      .execute();
    await db.schema.createIndex("sessions_account").on("sessions").column("account_id").execute();
    await db.schema.createIndex("sessions_opened_from").on("sessions").column("opened_from").execute();
    await db.schema.createIndex("sessions_expiry").on("sessions").column("expires_at").execute();
    await db.schema
      .createTable("enrolments")
      .addColumn("session_hash", "text", (c) =>
        c.primaryKey().references("sessions.id_hash").onDelete("cascade"),
      )
      .addColumn("account_id", "text", (c) => c.notNull())
      .addColumn("authenticator_id", "text", (c) => c.notNull())
      .addColumn("sealed_secret", "text", (c) => c.notNull())
      .addColumn("created_at", "bigint", (c) => c.notNull())
      .execute();
    await db.schema
      .createTable("throttle")
      .addColumn("pool", "text", (c) => c.primaryKey())
      .addColumn("account_id", "text")
      .addColumn("failures", "integer", (c) => c.notNull())
      .addColumn("since", "bigint", (c) => c.notNull())
      .addColumn("delayed_until", "bigint", (c) => c.notNull())
      .addColumn("forget_at", "bigint")
      .execute();
    await db.schema.createIndex("throttle_account").on("throttle").column("account_id").execute();
    await db.schema.createIndex("throttle_forget").on("throttle").column("forget_at").execute();
  },
};
