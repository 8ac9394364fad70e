/** The embedded engine: a Kysely dialect over SQLite's synchronous API; the only importer of the driver. */
import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { StoreUnavailable } from "../auth/store.js";
import type { Tables } from "./tables.js";

/** How long a statement waits for another process's lock before the answer is 503. */
const LOCK_PATIENCE_MS = 1_500;

/** Opens (or creates, readable by its owner alone) the database file. */
export function openSqlite(file: string): Kysely<Tables> {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  closeSync(openSync(file, "a", 0o600));
  chmodSync(file, 0o600);
  const database = new DatabaseSync(file, { timeout: LOCK_PATIENCE_MS });
  database.exec("pragma journal_mode = wal");
  database.exec("pragma synchronous = full");
  database.exec("pragma foreign_keys = on");
  // From here on a lock is waited for asynchronously: a wait inside SQLite would stop the whole event loop.
  database.exec("pragma busy_timeout = 0");
  return new Kysely<Tables>({ dialect: sqliteDialect(database) });
}

function sqliteDialect(database: DatabaseSyncInstance): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new SqliteDriver(database),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/**
 * One SQLite connection shared by all callers. A statement is synchronous and so needs no lock of its own; only a
 * transaction keeps the others out, from its `begin` to its end.
 */
class SqliteDriver implements Driver {
  readonly #database: DatabaseSyncInstance;
  #owner: SqliteConnection | undefined;
  #ownerDone: Promise<void> = Promise.resolve();
  #release: () => void = () => {};

  constructor(database: DatabaseSyncInstance) {
    this.#database = database;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return new SqliteConnection(this.#database, (connection) => this.#untilFree(connection));
  }

  async beginTransaction(connection: SqliteConnection): Promise<void> {
    // "immediate": a deferred transaction that reads first fails with "locked" as soon as another process writes.
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
    this.#owner = connection;
    this.#ownerDone = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  async commitTransaction(connection: SqliteConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("commit"));
    this.#endTransaction();
  }

  async rollbackTransaction(connection: SqliteConnection): Promise<void> {
    // A failed commit or a full disk may have rolled back already; then there is nothing left to undo.
    await connection.executeQuery(CompiledQuery.raw("rollback")).catch(() => {});
    this.#endTransaction();
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {
    this.#database.close();
  }

  #endTransaction(): void {
    this.#owner = undefined;
    this.#release();
  }

  async #untilFree(connection: SqliteConnection): Promise<void> {
    while (this.#owner && this.#owner !== connection) await this.#ownerDone;
  }
}

class SqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSyncInstance;
  readonly #untilFree: (connection: SqliteConnection) => Promise<void>;

  constructor(database: DatabaseSyncInstance, untilFree: (connection: SqliteConnection) => Promise<void>) {
    this.#database = database;
    this.#untilFree = untilFree;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const patience = performance.now() + LOCK_PATIENCE_MS;
    for (;;) {
      await this.#untilFree(this);
      try {
        return this.#run<R>(query);
      } catch (error) {
        if (!isLocked(error) || performance.now() > patience) throw asStoreError(error);
        await sleep(5 + Math.random() * 20);
      }
    }
  }

  streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error("Streaming is not supported.");
  }

  #run<R>(query: CompiledQuery): QueryResult<R> {
    const statement = this.#database.prepare(query.sql);
    if (statement.columns().length > 0) return { rows: statement.all(...query.parameters) as R[] };
    const { changes } = statement.run(...query.parameters);
    return { rows: [], numAffectedRows: BigInt(changes) };
  }
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
