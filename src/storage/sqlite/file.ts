/**
 * Creates, opens and copies the embedded database's file; never replaces or repairs it silently.
 * Tests: test/storage/sqlite/database-file.test.ts, test/cli/backup.test.ts
 */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
} from "node:fs";
import path from "node:path";
import { DEFAULT_MIGRATION_TABLE, Kysely } from "kysely";
import { StoreUnavailable } from "../../auth/store.js";
import { DEADLINE_MS } from "../deadline.js";
import type { Tables } from "../tables.js";
import { reasonOf } from "./data-folder.js";
import { connect, type DatabaseSyncInstance, sqliteDialect } from "./driver.js";
import { examine } from "./examine.js";

/**
 * Opens the database file, or creates it, readable by its owner alone. `unlimited` is for migrations: statements wait for another
 * process's migration without a limit. `whole` checks every page first, however large the file is; `unlimited` does so too.
 * @throws StoreUnavailable with the reason
 */
export function openSqlite(file: string, { unlimited = false, whole = false } = {}): Kysely<Tables> {
  try {
    if (existsSync(file)) examine(file, { whole: whole || unlimited });
    else create(file);
    return new Kysely<Tables>({ dialect: sqliteDialect(openFile(file), unlimited) });
  } catch (cause) {
    throw notOpened(file, cause);
  }
}

/** A new, empty database without a file. */
export function openInMemory(): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: sqliteDialect(openFile(":memory:"), false) });
}

function notOpened(file: string, cause: unknown): StoreUnavailable {
  return new StoreUnavailable(`The database ${file} cannot be opened: ${reasonOf(cause)}.`, { cause });
}

/** Creates the file atomically, with its first page, so that an empty file always means lost data and never an unfinished start. */
function create(file: string): void {
  if (existsSync(`${file}-wal`))
    throw new Error("only its -wal is there. Bring back the file that belongs to it");
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  // The random part is needed because processes in two containers may have the same id.
  const draft = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  closeSync(openSync(draft, "wx", 0o600));
  try {
    openFile(draft).close();
    putInPlace(draft, file);
  } catch (error) {
    // Another process may have created the file first.
    if (!existsSync(file)) throw error;
  } finally {
    for (const end of ["", "-wal", "-shm"]) rmSync(`${draft}${end}`, { force: true });
  }
}

/** Gives the draft its final name, atomically and never over an existing file. @throws when one exists */
function putInPlace(draft: string, file: string): void {
  try {
    linkSync(draft, file);
  } catch {
    // Some file systems have no hard links. Copying one page takes almost no time.
    copyFileSync(draft, file, constants.COPYFILE_EXCL);
  }
}

function openFile(file: string): DatabaseSyncInstance {
  const database = connect(file, DEADLINE_MS);
  // The journal mode is written into the file. Another program's file stays unchanged, and is refused later.
  if (isOurs(database)) database.exec("pragma journal_mode = wal");
  database.exec("pragma synchronous = full");
  database.exec("pragma foreign_keys = on");
  // From here on the driver waits for locks asynchronously: a wait inside SQLite would block the event loop.
  database.exec("pragma busy_timeout = 0");
  return database;
}

/** Whether the tables are ours, or there are none yet. */
function isOurs(database: DatabaseSyncInstance): boolean {
  const tables = database.prepare("select name from sqlite_schema where type = 'table'").all();
  return tables.length === 0 || tables.some(({ name }) => name === DEFAULT_MIGRATION_TABLE);
}

/**
 * Whether a database file exists. A damaged one, or a -wal file alone, counts: a new database must not replace it.
 * @throws StoreUnavailable when this user may not look
 */
export function databaseFileExists(file: string): boolean {
  try {
    return [file, `${file}-wal`].some((name) => statSync(name, { throwIfNoEntry: false }) !== undefined);
  } catch (cause) {
    throw notOpened(file, cause);
  }
}

/**
 * Copies a consistent snapshot of the database to a new file, while others read and write.
 * @throws Error with a sentence; then no new file is left behind
 */
export function copySqlite(file: string, copy: string): void {
  if (!databaseFileExists(file)) throw new Error(`There is no database at ${file}.`);
  if (existsSync(copy)) throw new Error(`${copy} is there already: nothing is written over.`);
  if (!existsSync(path.dirname(copy))) throw new Error(`There is no folder ${path.dirname(copy)}.`);
  const database = connect(file, DEADLINE_MS);
  try {
    writeCopy(database, copy);
  } catch (cause) {
    throw new Error(`The database could not be copied: ${reasonOf(cause, { remedy: false })}.`, { cause });
  } finally {
    database.close();
  }
}

function writeCopy(database: DatabaseSyncInstance, copy: string): void {
  const target = openSync(copy, "wx", 0o600);
  try {
    database.prepare("vacuum into ?").run(copy);
    fsyncSync(target);
    examine(copy, { whole: true });
  } catch (error) {
    rmSync(copy);
    throw error;
  } finally {
    closeSync(target);
  }
}
