/** The embedded engine: a Kysely dialect over SQLite's synchronous API; the only importer of the driver. */
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
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from "@photostructure/sqlite";
import {
  type CompiledQuery,
  type DatabaseConnection,
  DEFAULT_MIGRATION_TABLE,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { StoreUnavailable } from "../auth/store.js";
import { inWords, refuseOpen } from "./data-folder.js";
import { PATIENCE_MS, timeLeft } from "./patience.js";
import { TABLE_NAMES, type Tables } from "./tables.js";

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

/** At once, and never over what is there. @throws when something is */
function putInPlace(draft: string, file: string): void {
  try {
    linkSync(draft, file);
  } catch {
    // Some file systems have no hard links; a page is copied nearly at once.
    copyFileSync(draft, file, constants.COPYFILE_EXCL);
  }
}

/** What lies there is never written over or put right in silence: it may be all that is left. @throws Error with the reason */
function examine(file: string, { whole }: { whole: boolean }): void {
  const found = statSync(file);
  const { size } = found;
  if (found.isDirectory()) throw new Error("it is a folder. Move it away, or set DATA_DIR to another place");
  if (size === 0) {
    throw new Error("it is empty. Bring back a copy of it; only if it never held anything, remove it");
  }
  // The WAL beside it holds the latest writes.
  for (const end of ["", "-wal", "-shm"]) refuseOpen(`${file}${end}`);
  const database = new DatabaseSync(file, { timeout: PATIENCE_MS });
  try {
    if (whole || size <= LOOKED_THROUGH) lookThrough(database);
    else lookAtEnds(database);
  } catch (cause) {
    if (sqliteCode(cause) === "SQLITE_CORRUPT") throw new Error(DAMAGED, { cause });
    if (sqliteCode(cause) === "SQLITE_NOTADB") throw new Error(NONE, { cause });
    throw cause;
  } finally {
    database.close();
  }
}

/** So large a file (bytes) is looked through in less than a tenth of a second; a start does not wait for more. */
const LOOKED_THROUGH = 64 * 2 ** 20;

function lookThrough(database: DatabaseSyncInstance): void {
  const [found] = database.prepare("pragma quick_check(1)").all();
  if (found?.quick_check !== "ok") throw new Error(DAMAGED);
}

/**
 * The same few pages however large the file is: its head with the sizes, the schema, and of each table and each index the
 * way from its root to its first and its last entry. Damage beyond them makes a failure of whatever meets it.
 */
function lookAtEnds(database: DatabaseSyncInstance): void {
  const tables = database.prepare("select name from sqlite_schema where type = 'table'").all();
  for (const { name } of tables.filter(({ name }) => TABLE_NAMES.includes(String(name)))) {
    lookAlong(database, `"${name}"`, "rowid");
    const indices = database
      .prepare(
        `select i.name, c.name as "column" from pragma_index_list(?) i, pragma_index_info(i.name) c
         where c.seqno = 0 and c.name is not null and not i.partial`,
      )
      .all(name);
    for (const index of indices)
      lookAlong(database, `"${name}" indexed by "${index.name}"`, `"${index.column}"`);
  }
}

function lookAlong(database: DatabaseSyncInstance, tree: string, column: string): void {
  for (const order of ["asc", "desc"]) {
    database.prepare(`select * from ${tree} order by ${column} ${order} limit 1`).all();
  }
}

const DAMAGED = "it is damaged. Bring back a copy of it";
const NONE =
  "it is not a database, or its beginning is damaged. Bring back a copy of it, or move it away if it is another file";

function openFile(file: string): DatabaseSyncInstance {
  const database = new DatabaseSync(file, { timeout: PATIENCE_MS });
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
  const database = new DatabaseSync(file, { timeout: PATIENCE_MS });
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

function sqliteDialect(database: DatabaseSyncInstance, unlimited: boolean): Dialect {
  return {
    createAdapter: () => new Adapter(),
    createDriver: () => new SqliteDriver(database, unlimited ? Number.POSITIVE_INFINITY : PATIENCE_MS),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** SQLite undoes schema changes too, though Kysely does not count on it: a migration holds whole or not at all. */
class Adapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/**
 * One SQLite connection shared by all callers. A statement is synchronous and so needs no lock of its own; only a
 * transaction keeps the others out, from its `begin` to its end.
 */
class SqliteDriver implements Driver {
  readonly #database: DatabaseSyncInstance;
  readonly #patience: number;
  readonly #prepared: ReturnType<typeof preparedStatements>;
  #transaction: { owner: DatabaseConnection; over: Promise<void>; end: () => void } | undefined;

  /** @param patience how long (ms) a statement waits for another process's lock, unless a deadline comes first */
  constructor(database: DatabaseSyncInstance, patience: number) {
    this.#database = database;
    this.#patience = patience;
    this.#prepared = preparedStatements(database);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const connection: DatabaseConnection = {
      executeQuery: <R>(query: CompiledQuery) => this.#inTurn(connection, () => this.#run<R>(query)),
      streamQuery() {
        throw new Error("Streaming is not supported.");
      },
    };
    return connection;
  }

  async beginTransaction(owner: DatabaseConnection): Promise<void> {
    await this.#inTurn(owner, () => {
      // "immediate": a deferred transaction that reads first fails with "locked" as soon as another process writes.
      this.#database.exec("begin immediate");
      // In the same breath, or another caller's statement would slip in.
      const { promise, resolve } = withResolvers();
      this.#transaction = { owner, over: promise, end: resolve };
    });
  }

  async commitTransaction(owner: DatabaseConnection): Promise<void> {
    await this.#inTurn(owner, () => this.#database.exec("commit"));
    this.#endTransaction();
  }

  async rollbackTransaction(): Promise<void> {
    try {
      this.#database.exec("rollback");
    } catch {
      // A full disk or a failed commit may have rolled back already: nothing is left to undo.
    }
    this.#endTransaction();
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {
    this.#database.close();
  }

  /** Runs `act` when no other caller's transaction is open; waits, without stopping the event loop, for foreign locks. */
  async #inTurn<T>(caller: DatabaseConnection, act: () => T): Promise<T> {
    const deadline = performance.now() + timeLeft(this.#patience);
    for (;;) {
      while (this.#transaction && this.#transaction.owner !== caller) await this.#transaction.over;
      try {
        return act();
      } catch (error) {
        if (!isLocked(error) || performance.now() > deadline) throw asStoreError(error);
        await sleep(5 + Math.random() * 20);
      }
    }
  }

  #run<R>(query: CompiledQuery): QueryResult<R> {
    const { statement, hasRows } = this.#prepared(query.sql);
    if (hasRows) return { rows: statement.all(...query.parameters) as R[] };
    const { changes } = statement.run(...query.parameters);
    return { rows: [], numAffectedRows: BigInt(changes) };
  }

  #endTransaction(): void {
    this.#transaction?.end();
    this.#transaction = undefined;
  }
}

/** More than there are texts; only lists of different lengths could make up so many. */
const MOST_STATEMENTS = 300;

interface Prepared {
  statement: StatementSyncInstance;
  /** Whether it answers with rows: that depends on its text alone, whatever becomes of the tables. */
  hasRows: boolean;
}

/**
 * Prepares each text once and keeps the statement: reading SQL costs more than running it. When the schema has changed,
 * SQLite prepares a kept one anew by itself; and each is used up in one breath, so that none is ever in use twice.
 */
function preparedStatements(database: DatabaseSyncInstance): (sql: string) => Prepared {
  const kept = new Map<string, Prepared>();
  return (sql) => {
    const known = kept.get(sql);
    if (known) return known;
    const statement = database.prepare(sql, { persistent: true });
    const prepared = { statement, hasRows: statement.columns().length > 0 };
    const [oldest] = kept.keys();
    if (kept.size >= MOST_STATEMENTS && oldest !== undefined) kept.delete(oldest);
    kept.set(sql, prepared);
    return prepared;
  };
}

/** Promise.withResolvers, which Node 20 lacks. */
function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

function sqliteCode(error: unknown): string {
  return error instanceof Error && "sqliteCodeName" in error ? String(error.sqliteCodeName) : "";
}

function isLocked(error: unknown): boolean {
  return ["SQLITE_BUSY", "SQLITE_LOCKED"].includes(sqliteCode(error));
}

/** A constraint or a malformed statement is our bug; everything else is an outage. */
function asStoreError(error: unknown): unknown {
  const isBug = ["", "SQLITE_CONSTRAINT", "SQLITE_ERROR", "SQLITE_MISUSE", "SQLITE_MISMATCH"];
  if (isBug.includes(sqliteCode(error))) return error;
  return new StoreUnavailable("The database cannot be used now.", { cause: error });
}
