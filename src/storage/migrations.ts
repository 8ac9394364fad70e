/** The schema, in the order it grew; Kysely's Migrator runs what is missing and refuses a newer database. */
import { DEFAULT_MIGRATION_TABLE, type Kysely, type Migration, Migrator, sql } from "kysely";
import { wayIn } from "./migrations/001-way-in.js";
import { accountForLife } from "./migrations/002-account-for-life.js";
import { whyRefused } from "./migrations/003-why-refused.js";
import { serverClock } from "./migrations/004-server-clock.js";

/** What has been released is never edited: databases have run it. */
const migrations: Record<string, Migration> = {
  "001-way-in": wayIn,
  "002-account-for-life": accountForLife,
  "003-why-refused": whyRefused,
  "004-server-clock": serverClock,
};

/**
 * Brings the schema up to date.
 * @throws when a step fails, or when the database was made by a newer version of Latchkey.
 */
export async function migrate<T>(db: Kysely<T>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}

/** What a database's schema is to this version of Latchkey; nothing is changed. */
export async function schemaOf<T>(db: Kysely<T>): Promise<"current" | "older" | "newer"> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === DEFAULT_MIGRATION_TABLE)) return "older";
  const { rows } = await sql<{
    name: string;
  }>`select name from ${sql.table(DEFAULT_MIGRATION_TABLE)}`.execute(db);
  if (rows.some(({ name }) => !(name in migrations))) return "newer";
  return rows.length < Object.keys(migrations).length ? "older" : "current";
}
