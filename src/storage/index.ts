/** Opens the storage: the engine, the schema brought up to date, the store that auth/ asks for. */
import path from "node:path";
import type { Kysely } from "kysely";
import { type Store, StoreUnavailable } from "../auth/store.js";
import { DEADLINE_MS } from "./deadline.js";
import { migrate, pendingMigrations, type Schema, schemaOf } from "./migrations.js";
import { problemOf } from "./postgres/problems.js";
import { inWords } from "./sqlite/data-folder.js";
import { createStore } from "./store.js";
import type { Tables } from "./tables.js";

export { closedTo, inWords, refuseOpen, remedyFor } from "./sqlite/data-folder.js";

/** Where the data is: in a file of `dataDir`, or, with `databaseUrl` (`postgres://…`), on a PostgreSQL server. */
export interface Location {
  dataDir: string;
  databaseUrl?: string | undefined;
}

/** The database file of a data directory. */
export function databaseFile(dataDir: string): string {
  return path.join(dataDir, "latchkey.sqlite");
}

/** The database as people are told of it: of its address neither the password nor what else may hold one. */
export function databaseName({ dataDir, databaseUrl }: Location): string {
  if (databaseUrl === undefined) return databaseFile(dataDir);
  const { protocol, pathname } = addressOf(databaseUrl);
  const [user, host, port] = ["user", "host", "port"].map((name) => said(databaseUrl, name as "user"));
  return [
    `${protocol}//`,
    user && `${encodeURIComponent(user)}@`,
    // A folder means a socket on this machine.
    host?.startsWith("/") ? "localhost" : host,
    port && `:${port}`,
    pathname,
  ].join("");
}

function addressOf(databaseUrl: string): URL {
  return new URL(databaseUrl.replace("@/", "@localhost/"));
}

/** A part of an address. As in the driver, the query wins over the rest, and of two values the last. */
function said(databaseUrl: string, part: "user" | "host" | "port"): string | undefined {
  const { username, hostname, port, searchParams } = addressOf(databaseUrl);
  const before = { user: username, host: hostname, port }[part];
  return searchParams.getAll(part).at(-1) || decodeURIComponent(before) || undefined;
}

/**
 * Opens the database, creating file and tables where they are missing, and brings its schema up to date.
 * @param patience how long (ms) a request waits for it, all its statements together
 * @throws StoreUnavailable, or an Error with a sentence when it is of a newer version, damaged or of another program
 */
export async function openStore(location: Location, patience = DEADLINE_MS): Promise<Store> {
  const db = await open(location, { patience });
  try {
    if ((await schemaOf(db)) !== "current") await bringUpToDate(location);
  } catch (error) {
    await db.destroy();
    throw named(location, error);
  }
  return createStore(db, patience);
}

/**
 * Creates what is missing in the schema; answers with the steps that it took, none when it was current.
 * @throws as openStore
 */
export async function bringUpToDate(location: Location): Promise<string[]> {
  const db = await open(location, { unlimited: true });
  try {
    return await migrate(db);
  } catch (error) {
    throw named(location, error);
  } finally {
    await db.destroy();
  }
}

/** What a database's schema is to this version of Latchkey; nothing is created or changed. @throws StoreUnavailable */
export async function schemaIn(location: Location): Promise<Schema> {
  if (location.databaseUrl === undefined) {
    const { isSomething } = await import("./sqlite/file.js");
    if (!isSomething(databaseFile(location.dataDir))) return "none";
  }
  return asked(location, schemaOf);
}

/** The steps that a database of ours has not taken yet; nothing is created or changed. @throws StoreUnavailable */
export async function pendingMigrationsOf(location: Location): Promise<string[]> {
  return asked(location, pendingMigrations);
}

/**
 * The server's settings by which a crash would undo what was answered already; none is what is needed. The embedded
 * database has no such settings: Latchkey itself opens it with `synchronous = full`.
 * @throws StoreUnavailable
 */
export async function unsafeSettings(location: Location): Promise<string[]> {
  if (location.databaseUrl === undefined) return [];
  const { settingsOff } = await import("./postgres/driver.js");
  return asked(location, settingsOff);
}

/** Whether anyone between us and a PostgreSQL server could read or change the traffic; see postgres.ts. */
export async function transportTo({ databaseUrl }: Location) {
  if (databaseUrl === undefined) return "local";
  return (await import("./postgres/driver.js")).transportOf(databaseUrl);
}

async function asked<T>(location: Location, question: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
  const db = await open(location);
  try {
    return await question(db);
  } catch (error) {
    throw named(location, error);
  } finally {
    await db.destroy();
  }
}

/**
 * Looks at every page of the embedded database, which takes its time; a start looks at a large one's ends only. What a
 * PostgreSQL server keeps is its own to check.
 * @throws StoreUnavailable when it is damaged
 */
export async function lookThrough({ dataDir, databaseUrl }: Location): Promise<void> {
  if (databaseUrl !== undefined) return;
  const { openSqlite } = await import("./sqlite/file.js");
  await openSqlite(databaseFile(dataDir), { whole: true }).destroy();
}

/** Copies the embedded database into a new file, while others use it. @throws Error with a sentence, StoreUnavailable */
export async function backUp({ dataDir, databaseUrl }: Location, file: string): Promise<void> {
  if (databaseUrl !== undefined) {
    throw new Error("Only the embedded database is copied this way; for PostgreSQL there is pg_dump.");
  }
  const { copySqlite } = await import("./sqlite/file.js");
  copySqlite(databaseFile(dataDir), file);
}

/** Only the driver that is wanted is loaded: every start would wait for the other. */
async function open(
  { dataDir, databaseUrl }: Location,
  limits: { unlimited?: boolean; patience?: number } = {},
): Promise<Kysely<Tables>> {
  if (databaseUrl === undefined)
    return (await import("./sqlite/file.js")).openSqlite(databaseFile(dataDir), limits);
  return (await import("./postgres/driver.js")).openPostgres(databaseUrl, limits);
}

/** While it is opened, the operator is the one who reads it: which database, and why. */
function named(location: Location, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const cause = error instanceof StoreUnavailable && error.cause instanceof Error ? error.cause : error;
  const { databaseUrl } = location;
  const problem = databaseUrl && problemOf(cause, said(databaseUrl, "user"));
  if (problem) return new Error(`The database ${databaseName(location)} ${problem}.`, { cause });
  if (!(error instanceof StoreUnavailable)) return error;
  const reason = inWords(cause) || ("code" in cause ? String(cause.code) : cause.name);
  return new StoreUnavailable(`The database ${databaseName(location)} cannot be used: ${reason}.`, { cause });
}
