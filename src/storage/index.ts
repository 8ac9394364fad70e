/**
 * Opens the storage: chooses the engine, brings the schema up to date, and returns the store that auth/ uses.
 * Tests: test/storage/sqlite/database-file.test.ts, test/storage/postgres/refusals.test.ts
 */
import path from "node:path";
import type { Kysely } from "kysely";
import { type Store, StoreUnavailable } from "../auth/store.js";
import { DEADLINE_MS } from "./deadline.js";
import { migrate, pendingMigrations, type Schema, schemaOf } from "./migrations.js";
import { problemOf } from "./postgres/problems.js";
import { reasonOf } from "./sqlite/data-folder.js";
import { createStore } from "./store.js";
import type { Tables } from "./tables.js";

export { assertPrivate, chmodCommand, forbiddenBits, reasonOf } from "./sqlite/data-folder.js";

/** Where the data is: a file in `dataDir`, or, with `databaseUrl` (`postgres://…`), a PostgreSQL server. */
export interface Location {
  dataDir: string;
  databaseUrl?: string | undefined;
}

/** The database file of a data directory. */
export function databaseFile(dataDir: string): string {
  return path.join(dataDir, "latchkey.sqlite");
}

/** The database's name for messages and logs: a file, or an address without its password and its query, which may hold one. */
export function databaseName({ dataDir, databaseUrl }: Location): string {
  if (databaseUrl === undefined) return databaseFile(dataDir);
  const { protocol, pathname } = addressOf(databaseUrl);
  const [user, host, port] = ["user", "host", "port"].map((name) => addressPart(databaseUrl, name as "user"));
  return [
    `${protocol}//`,
    user && `${encodeURIComponent(user)}@`,
    // A host that is a folder means a Unix socket on this machine.
    host?.startsWith("/") ? "localhost" : host,
    port && `:${port}`,
    pathname,
  ].join("");
}

/** Parses an address; an empty host, which `URL` refuses, becomes localhost. */
function addressOf(databaseUrl: string): URL {
  return new URL(databaseUrl.replace("@/", "@localhost/"));
}

/**
 * The user, host or port in an address; undefined if it names none. As in the driver, a query parameter overrides the part
 * before the query, and the last of several counts.
 */
function addressPart(databaseUrl: string, part: "user" | "host" | "port"): string | undefined {
  const { username, hostname, port, searchParams } = addressOf(databaseUrl);
  const beforeQuery = { user: username, host: hostname, port }[part];
  return searchParams.getAll(part).at(-1) || decodeURIComponent(beforeQuery) || undefined;
}

/**
 * Opens the database, creates file and tables if they are missing, and brings the schema up to date.
 * @param statementMs how long (ms) a statement of a request may wait; see deadline.ts
 * @throws StoreUnavailable; an Error with a sentence when the database is from a newer version, damaged or another program's
 */
export async function openStore(location: Location, statementMs = DEADLINE_MS): Promise<Store> {
  const db = await open(location, { statementMs });
  try {
    if ((await schemaOf(db)) !== "current") await bringUpToDate(location);
  } catch (error) {
    await db.destroy();
    throw withDatabaseName(location, error);
  }
  return createStore(db, statementMs);
}

/** Opens a new database in memory, for tests: it has no file, and ends with `close` or the process. */
export async function openMemoryStore(): Promise<Store> {
  const db = (await import("./sqlite/file.js")).openInMemory();
  await migrate(db);
  return createStore(db, DEADLINE_MS);
}

/**
 * Runs the pending migrations and returns their names; empty when the schema was current.
 * @throws as openStore
 */
export async function bringUpToDate(location: Location): Promise<string[]> {
  const db = await open(location, { unlimited: true });
  try {
    return await migrate(db);
  } catch (error) {
    throw withDatabaseName(location, error);
  } finally {
    await db.destroy();
  }
}

/** How a database's schema compares to this version of Latchkey; creates and changes nothing. @throws StoreUnavailable */
export async function schemaIn(location: Location): Promise<Schema> {
  if (location.databaseUrl === undefined) {
    const { databaseFileExists } = await import("./sqlite/file.js");
    if (!databaseFileExists(databaseFile(location.dataDir))) return "none";
  }
  return queryOnce(location, schemaOf);
}

/** The names of the migrations that our database has not run yet; creates and changes nothing. @throws StoreUnavailable */
export async function pendingMigrationsOf(location: Location): Promise<string[]> {
  return queryOnce(location, pendingMigrations);
}

/**
 * The PostgreSQL settings that would let a crash undo committed writes; empty is safe. The embedded database needs no check:
 * Latchkey itself opens it with `synchronous = full`.
 * @throws StoreUnavailable
 */
export async function unsafeSettings(location: Location): Promise<string[]> {
  if (location.databaseUrl === undefined) return [];
  const { settingsOff } = await import("./postgres/driver.js");
  return queryOnce(location, settingsOff);
}

/** How the connection to the database is secured; see `transportOf` in postgres/driver.ts. */
export async function transportTo({ databaseUrl }: Location) {
  if (databaseUrl === undefined) return "local";
  return (await import("./postgres/driver.js")).transportOf(databaseUrl);
}

/** Runs one query on a connection of its own. @throws StoreUnavailable */
async function queryOnce<T>(location: Location, query: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
  const db = await open(location);
  try {
    return await query(db);
  } catch (error) {
    throw withDatabaseName(location, error);
  } finally {
    await db.destroy();
  }
}

/**
 * Checks every page of the embedded database, which is slow on a large file; a start checks only the ends of a large one. A
 * PostgreSQL server checks its own files.
 * @throws StoreUnavailable when the file is damaged
 */
export async function checkAllPages({ dataDir, databaseUrl }: Location): Promise<void> {
  if (databaseUrl !== undefined) return;
  const { openSqlite } = await import("./sqlite/file.js");
  await openSqlite(databaseFile(dataDir), { whole: true }).destroy();
}

/** Copies the embedded database to a new file while others use it. @throws Error with a sentence, StoreUnavailable */
export async function backUp({ dataDir, databaseUrl }: Location, file: string): Promise<void> {
  if (databaseUrl !== undefined) {
    throw new Error("Only the embedded database is copied this way; for PostgreSQL there is pg_dump.");
  }
  const { copySqlite } = await import("./sqlite/file.js");
  copySqlite(databaseFile(dataDir), file);
}

/** Imports only the driver in use: loading the other would slow every start. */
async function open(
  { dataDir, databaseUrl }: Location,
  limits: { unlimited?: boolean; statementMs?: number } = {},
): Promise<Kysely<Tables>> {
  if (databaseUrl === undefined)
    return (await import("./sqlite/file.js")).openSqlite(databaseFile(dataDir), limits);
  return (await import("./postgres/driver.js")).openPostgres(databaseUrl, limits);
}

/** Turns an error of opening into one for the operator, which names the database and the reason. */
function withDatabaseName(location: Location, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const cause = error instanceof StoreUnavailable && error.cause instanceof Error ? error.cause : error;
  const { databaseUrl } = location;
  const problem = databaseUrl && problemOf(cause, addressPart(databaseUrl, "user"));
  if (problem) return new Error(`The database ${databaseName(location)} ${problem}.`, { cause });
  if (!(error instanceof StoreUnavailable)) return error;
  const reason = reasonOf(cause) || ("code" in cause ? String(cause.code) : cause.name);
  return new StoreUnavailable(`The database ${databaseName(location)} cannot be used: ${reason}.`, { cause });
}
