/**
 * Adds what an account needs over the years: recovery codes, several authenticators, trusted devices, history, disabling.
 * Tests: test/storage/migrations.test.ts
 */
import type { Kysely, Migration } from "kysely";

export const accountForLife: Migration = {
  async up(db) {
    await extendTables(db);
    await addRecoveryCodes(db);
    await addTrustedDevices(db);
    await addHistory(db);
    await fillIn(db);
  },
};

/** One statement per column, because SQLite adds only one at a time. */
async function extendTables(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .alterTable("accounts")
    .addColumn("epoch", "integer", (c) => c.notNull().defaultTo(0))
    .execute();
  await schema
    .alterTable("accounts")
    .addColumn("enrolments", "integer", (c) => c.notNull().defaultTo(0))
    .execute();
  await schema.alterTable("accounts").addColumn("disabled_at", "bigint").execute();
  await schema.alterTable("accounts").addColumn("last_sign_in_at", "bigint").execute();
  await schema
    .alterTable("authenticators")
    .addColumn("number", "integer", (c) => c.notNull().defaultTo(1))
    .execute();
  await schema
    .alterTable("enrolments")
    .addColumn("number", "integer", (c) => c.notNull().defaultTo(1))
    .execute();
  await schema.alterTable("sessions").addColumn("stepped_up_at", "bigint").execute();
  // Renamed, because it now holds more: sessions that a step-up opens belong to the same sign-in.
  await schema.alterTable("sessions").renameColumn("opened_from", "family").execute();
  await schema.dropIndex("sessions_opened_from").execute();
  await schema.createIndex("sessions_family").on("sessions").column("family").execute();
}

async function addRecoveryCodes({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable("recovery_sheets")
    .addColumn("account_id", "text", (c) => c.notNull().references("accounts.id").onDelete("cascade"))
    .addColumn("number", "integer", (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("proved_at", "bigint")
    .addPrimaryKeyConstraint("recovery_sheets_key", ["account_id", "number"])
    .execute();
  await schema
    .createTable("recovery_codes")
    .addColumn("code_hash", "text", (c) => c.primaryKey())
    .addColumn("account_id", "text", (c) => c.notNull().references("accounts.id").onDelete("cascade"))
    .addColumn("sheet", "integer", (c) => c.notNull())
    .addColumn("position", "integer", (c) => c.notNull())
    .addColumn("used_at", "bigint")
    .addColumn("ended_at", "bigint")
    .execute();
  await schema.createIndex("recovery_codes_account").on("recovery_codes").column("account_id").execute();
}

async function addTrustedDevices({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable("trusted_devices")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("account_id", "text", (c) => c.notNull().references("accounts.id").onDelete("cascade"))
    .addColumn("token_hash", "text", (c) => c.notNull().unique())
    .addColumn("device", "text", (c) => c.notNull())
    .addColumn("address", "text", (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("last_used_at", "bigint", (c) => c.notNull())
    .addColumn("expires_at", "bigint", (c) => c.notNull())
    .execute();
  await schema.createIndex("trusted_devices_account").on("trusted_devices").column("account_id").execute();
  await schema.createIndex("trusted_devices_expiry").on("trusted_devices").column("expires_at").execute();
}

async function addHistory({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable("history")
    .addColumn("id", "text", (c) => c.primaryKey())
    // Null only inside a transaction, for a line that is deleted again at once (see addAndRemove in history.ts).
    .addColumn("account_id", "text", (c) => c.references("accounts.id").onDelete("cascade"))
    .addColumn("at", "bigint", (c) => c.notNull())
    .addColumn("place", "integer", (c) => c.notNull())
    .addColumn("type", "text", (c) => c.notNull())
    .addColumn("reason", "text")
    .addColumn("subject", "text")
    .addColumn("by_operator", "integer", (c) => c.notNull())
    .addColumn("device", "text", (c) => c.notNull())
    .addColumn("address", "text", (c) => c.notNull())
    .execute();
  await schema.createIndex("history_account").on("history").columns(["account_id", "at"]).execute();
  await schema.createIndex("history_at").on("history").column("at").execute();
}

/** The tables as they are before this migration. */
interface FirstSeen {
  accounts: { id: string; second_factor_since: number | null; enrolments: number };
  authenticators: { account_id: string };
  enrolments: { account_id: string };
  sessions: {
    id_hash: string;
    kind: string;
    created_at: number;
    stepped_up_at: number | null;
    family: string | null;
  };
}

async function fillIn(untyped: Kysely<unknown>): Promise<void> {
  const db = untyped as Kysely<FirstSeen>;
  // Enrolments begun before this migration have number 1, so the next one is 2.
  await db
    .updateTable("accounts")
    .set({ enrolments: 1 })
    .where(({ or, eb, exists, selectFrom }) =>
      or([
        eb("second_factor_since", "is not", null),
        exists(selectFrom("authenticators").select("account_id").whereRef("account_id", "=", "accounts.id")),
        exists(selectFrom("enrolments").select("account_id").whereRef("account_id", "=", "accounts.id")),
      ]),
    )
    .execute();
  // Before this migration, every session was opened with both factors.
  await db
    .updateTable("sessions")
    .set(({ ref }) => ({ stepped_up_at: ref("created_at") }))
    .where("kind", "=", "session")
    .execute();
  // A session's family is the hash of its pending login; the pending logins themselves had none yet.
  await db
    .updateTable("sessions")
    .set(({ ref }) => ({ family: ref("id_hash") }))
    .where("family", "is", null)
    .execute();
}
