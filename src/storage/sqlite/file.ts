/** The embedded database's file: created, opened, copied; never replaced or repaired in silence. */
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
import { inWords } from "./data-folder.js";
import { connect, type DatabaseSyncInstance, sqliteDialect } from "./driver.js";
import { examine } from "./examine.js";

/**
 * Opens (or creates, readable by its owner alone) the database file. `unlimited`: for migrations, which wait for those of
 * another process however long they take. `whole`: looked through to its last page, however large it is, as before migrations.
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

function notOpened(file: string, cause: unknown): StoreUnavailable {
  return new StoreUnavailable(`The database ${file} cannot be opened: ${inWords(cause)}.`, { cause });
}

/** The file appears with its first page or not at all, so that an empty one is always a loss and never a beginning. */
function create(file: string): void {
  if (existsSync(`${file}-wal`))
    throw new Error("only its -wal is there. Bring back the file that belongs to it");
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  // In two containers two processes may bear the same number.
  const draft = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  closeSync(openSync(draft, "wx", 0o600));
  try {
    openFile(draft).close();
    putInPlace(draft, file);
  } catch (error) {
    // Another process may have been first.
    if (!existsSync(file)) throw error;
  } finally {
    for (const end of ["", "-wal", "-shm"]) rmSync(`${draft}${end}`, { force: true });
  }
}

/** Atomically, and never over an existing file. @throws when there is one */
function putInPlace(draft: string, file: string): void {
  try {
    linkSync(draft, file);
  } catch {
    // Some file systems have no hard links; a page is copied nearly at once.
    copyFileSync(draft, file, constants.COPYFILE_EXCL);
  }
}

function openFile(file: string): DatabaseSyncInstance {
  const database = connect(file, DEADLINE_MS);
  // This is written into the file; another program's is left as it is, and refused later on.
  if (isOurs(database)) database.exec("pragma journal_mode = wal");
  database.exec("pragma synchronous = full");
  database.exec("pragma foreign_keys = on");
  // From here on a lock is waited for asynchronously: a wait inside SQLite would stop the whole event loop.
  database.exec("pragma busy_timeout = 0");
  return database;
}

/** Whether the tables are ours, or there are none yet. */
function isOurs(database: DatabaseSyncInstance): boolean {
  const tables = database.prepare("select name from sqlite_schema where type = 'table'").all();
  return tables.length === 0 || tables.some(({ name }) => name === DEFAULT_MIGRATION_TABLE);
}

/**
 * Whether there is a file to open, even a damaged one, which must not be replaced by a new database.
 * @throws StoreUnavailable when this user may not look
 */
export function isSomething(file: string): boolean {
  try {
    return [file, `${file}-wal`].some((name) => statSync(name, { throwIfNoEntry: false }) !== undefined);
  } catch (cause) {
    throw notOpened(file, cause);
  }
}

/**
 * Copies the database as it is at one moment into a new file, while others go on reading and writing.
 * @throws Error with a sentence; then there is no new file
 */
export function copySqlite(file: string, copy: string): void {
  if (!isSomething(file)) throw new Error(`There is no database at ${file}.`);
  if (existsSync(copy)) throw new Error(`${copy} is there already: nothing is written over.`);
  if (!existsSync(path.dirname(copy))) throw new Error(`There is no folder ${path.dirname(copy)}.`);
  const database = connect(file, DEADLINE_MS);
  try {
    writeCopy(database, copy);
  } catch (cause) {
    throw new Error(`The database could not be copied: ${inWords(cause, { remedy: false })}.`, { cause });
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
