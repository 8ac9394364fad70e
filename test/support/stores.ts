/** Stores on either engine, and the database behind their back. */
import { type Kysely, sql } from "kysely";
import { onTestFinished } from "vitest";
import type { Store } from "../../src/auth/store.js";
import { databaseFile, type Location, openStore } from "../../src/storage/index.js";
import { openPostgres } from "../../src/storage/postgres/driver.js";
import { openSqlite } from "../../src/storage/sqlite/file.js";
import type { Tables } from "../../src/storage/tables.js";
import { appSecret } from "./app-secret.js";

/** Every migration, in the order in which a database takes them. */
export const MIGRATIONS = [
  "001-way-in",
  "002-account-for-life",
  "003-why-refused",
  "004-server-clock",
  "005-stored-keys",
  "006-growth",
  "007-caps",
  "008-events",
  "009-codes-on-show",
  "010-password-proof",
  "011-accounts-by-code",
  "012-links",
  "013-imported-passwords",
  "014-login-name",
];

/** Opens a store, and closes it after the running test. */
export async function openForTest(...location: Parameters<typeof openStore>): Promise<Store> {
  const store = await openStore(...location);
  onTestFinished(() => store.close());
  return store;
}

/** The settings of a command or a server on this database. */
export function settingsOf({ dataDir, databaseUrl }: Location): Record<string, string> {
  const database: Record<string, string> = databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl };
  return { DATA_DIR: dataDir, APP_SECRETS: appSecret(), ...database };
}

/** Works on the tables behind the back of the store. @param options of the driver: `unlimited` without its deadlines */
export async function directly<T>(
  { dataDir, databaseUrl }: Location,
  work: (db: Kysely<Tables>) => Promise<T>,
  options: { unlimited?: true } = {},
): Promise<T> {
  const db =
    databaseUrl === undefined
      ? openSqlite(databaseFile(dataDir), options)
      : openPostgres(databaseUrl, options);
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
}

/** The migrations that a database has taken, each as often as it was written down. */
export async function migrationsIn(location: Location): Promise<string[]> {
  const { rows } = await directly(location, (db) =>
    sql<{ name: string }>`select name from kysely_migration order by name`.execute(db),
  );
  return rows.map(({ name }) => name);
}
