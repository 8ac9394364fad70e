/** The schema, in the order it grew; Kysely's Migrator runs what is missing and refuses a newer database. */
import { type Kysely, type Migration, Migrator } from "kysely";
import { wayIn } from "./migrations/001-way-in.js";
import { accountForLife } from "./migrations/002-account-for-life.js";

/** What has been released is never edited: databases have run it. */
const migrations: Record<string, Migration> = {
  "001-way-in": wayIn,
  "002-account-for-life": accountForLife,
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
