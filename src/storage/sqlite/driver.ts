/** The embedded engine: a Kysely dialect over SQLite's synchronous API; the only importer of the driver. */
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from "@photostructure/sqlite";
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { StoreUnavailable } from "../../auth/store.js";
import { DEADLINE_MS, timeLeft } from "../deadline.js";

export type { DatabaseSyncInstance } from "@photostructure/sqlite";

/** Opens a database file. @param patience how long (ms) SQLite itself waits for a lock, which stops the event loop */
export function connect(file: string, patience: number): DatabaseSyncInstance {
  return new DatabaseSync(file, { timeout: patience });
}

export function sqliteDialect(database: DatabaseSyncInstance, unlimited: boolean): Dialect {
  return {
    createAdapter: () => new Adapter(),
    createDriver: () => new SqliteDriver(database, unlimited ? Number.POSITIVE_INFINITY : DEADLINE_MS),
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
      // Set synchronously, before any other caller can run.
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
const MAX_STATEMENTS = 300;

interface Prepared {
  statement: StatementSyncInstance;
  /** Whether it answers with rows: that depends on its text alone, whatever becomes of the tables. */
  hasRows: boolean;
}

/**
 * Prepares each text once and keeps the statement: reading SQL costs more than running it. When the schema has changed,
 * SQLite prepares a cached one again by itself; and each is used synchronously, so that none is ever in use twice.
 */
function preparedStatements(database: DatabaseSyncInstance): (sql: string) => Prepared {
  const cache = new Map<string, Prepared>();
  return (sql) => {
    const known = cache.get(sql);
    if (known) return known;
    const statement = database.prepare(sql, { persistent: true });
    const prepared = { statement, hasRows: statement.columns().length > 0 };
    const [oldest] = cache.keys();
    if (cache.size >= MAX_STATEMENTS && oldest !== undefined) cache.delete(oldest);
    cache.set(sql, prepared);
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

export function sqliteCode(error: unknown): string {
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
