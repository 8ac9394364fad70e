/** Lists the schema's migrations in order, and runs the pending ones by Kysely's Migrator, under a lock. */
import { DEFAULT_MIGRATION_TABLE, type Kysely, type Migration, Migrator, PostgresAdapter, sql } from "kysely";
import { wayIn } from "./migrations/001-way-in.js";
import { accountForLife } from "./migrations/002-account-for-life.js";
import { whyRefused } from "./migrations/003-why-refused.js";
import { serverClock } from "./migrations/004-server-clock.js";
import { storedKeys } from "./migrations/005-stored-keys.js";
import { growth } from "./migrations/006-growth.js";
import { caps } from "./migrations/007-caps.js";
import { events } from "./migrations/008-events.js";
import { codesOnShow } from "./migrations/009-codes-on-show.js";
import { passwordProof } from "./migrations/010-password-proof.js";
import { accountsByCode } from "./migrations/011-accounts-by-code.js";
import { links } from "./migrations/012-links.js";
import { importedPasswords } from "./migrations/013-imported-passwords.js";
import { loginName } from "./migrations/014-login-name.js";
import { TABLE_NAMES, type Tables } from "./tables.js";

/** Never edit a released migration: databases have run it. */
const migrations: Record<string, Migration> = {
  "001-way-in": wayIn,
  "002-account-for-life": accountForLife,
  "003-why-refused": whyRefused,
  "004-server-clock": serverClock,
  "005-stored-keys": storedKeys,
  "006-growth": growth,
  "007-caps": caps,
  "008-events": events,
  "009-codes-on-show": codesOnShow,
  "010-password-proof": passwordProof,
  "011-accounts-by-code": accountsByCode,
  "012-links": links,
  "013-imported-passwords": importedPasswords,
  "014-login-name": loginName,
};

/** A schema compared to this version's. `none`: there are no tables yet; `foreign`: the tables are another program's. */
export type Schema = "none" | "older" | "current" | "newer" | "foreign";

/**
 * Runs the pending migrations and returns their names. When several nodes start at the same time, one migrates and the others
 * wait for it.
 * @throws Error with a sentence when the database is another program's or a newer version's; the migration's own error when it
 * fails
 */
export async function migrate(db: Kysely<Tables>): Promise<string[]> {
  const schema = await schemaOf(db);
  if (schema === "foreign") throw new Error(FOREIGN);
  if (schema === "newer") throw new Error(NEWER);
  const migrationTableSchema = await postgresSchema(db);
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    ...(migrationTableSchema !== undefined && { migrationTableSchema }),
  });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error) throw error;
  return results.map(({ migrationName }) => migrationName);
}

const FOREIGN =
  "This database belongs to another program. Give Latchkey one of its own; on PostgreSQL, a schema of its own will do.";

const NEWER =
  "This database was made by a newer version of Latchkey: run that version, or bring back a copy of the database from before it.";

/** How a database's schema compares to this version of Latchkey; changes nothing. */
export async function schemaOf(db: Kysely<Tables>): Promise<Schema> {
  const schema = await postgresSchema(db);
  const allTables = await db.introspection.getTables({ withInternalKyselyTables: true });
  const tables = allTables.filter((table) => schema === undefined || table.schema === schema);
  const hasOurNames = tables.some(({ name }) => TABLE_NAMES.includes(name));
  if (!tables.some(({ name }) => name === DEFAULT_MIGRATION_TABLE)) {
    // Programs often share a database on a server, so there only tables with our names make it another program's.
    const isTaken = schema === undefined ? tables.length > 0 : hasOurNames;
    return isTaken ? "foreign" : "none";
  }
  const applied = await appliedMigrations(db);
  const isOthers = applied.length === 0 ? hasOurNames : !applied.some((name) => name in migrations);
  if (isOthers) return "foreign";
  if (applied.some((name) => !(name in migrations))) return "newer";
  return applied.length < Object.keys(migrations).length ? "older" : "current";
}

/** The names of the migrations that our database has not run yet, in order. */
export async function pendingMigrations(db: Kysely<Tables>): Promise<string[]> {
  if ((await schemaOf(db)) === "none") return Object.keys(migrations);
  const applied = await appliedMigrations(db);
  return Object.keys(migrations).filter((name) => !applied.includes(name));
}

async function appliedMigrations(db: Kysely<Tables>): Promise<string[]> {
  const table = sql.table(DEFAULT_MIGRATION_TABLE);
  const { rows } = await sql<{ name: string }>`select name from ${table}`.execute(db);
  return rows.map(({ name }) => name);
}

/**
 * The schema in which PostgreSQL creates our tables; other schemas may hold tables with the same names. Undefined on SQLite.
 * @throws Error when that schema does not exist, or the database is not encoded in UTF-8
 */
async function postgresSchema(db: Kysely<Tables>): Promise<string | undefined> {
  if (!(db.getExecutor().adapter instanceof PostgresAdapter)) return undefined;
  const { rows } = await sql<{ name: string | null; encoding: string }>`
    select current_schema() as name, current_setting('server_encoding') as encoding`.execute(db);
  const { name, encoding } = rows[0] ?? {};
  if (encoding !== "UTF8")
    throw new Error(
      `This database is encoded in ${encoding}, which cannot hold every name: create one in UTF8, for example ` +
        "`createdb --template=template0 --encoding=UTF8 --owner=latchkey latchkey`.",
    );
  if (!name)
    throw new Error(
      "The schema that search_path names is not there: create it, as `create schema latchkey`.",
    );
  return name;
}
