/**
 * The embedded engine: a Kysely dialect over SQLite's synchronous API; the only importer of the driver.
 * Tests: test/storage/sqlite/sqlite.test.ts, test/security/disk-faults.test.ts
 */
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

/** Opens a database file. @param lockMs how long (ms) SQLite itself waits for a lock; that wait blocks the event loop */
export function connect(file: string, lockMs: number): DatabaseSyncInstance {
  return new DatabaseSync(file, { timeout: lockMs });
}

export function sqliteDialect(database: DatabaseSyncInstance, unlimited: boolean): Dialect {
  return {
    createAdapter: () => new Adapter(),
    createDriver: () => new SqliteDriver(database, unlimited ? Number.POSITIVE_INFINITY : DEADLINE_MS),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** Tells Kysely that SQLite rolls back schema changes too, so that it runs migrations in one transaction. */
class Adapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/**
 * One SQLite connection shared by all callers. A statement is synchronous, so it needs no lock; a transaction makes other
 * callers wait from its `begin` to its end.
 */
class SqliteDriver implements Driver {
  readonly #database: DatabaseSyncInstance;
  readonly #lockMs: number;
  readonly #prepared: ReturnType<typeof preparedStatements>;
  #transaction: { owner: DatabaseConnection; ended: Promise<void>; end: () => void } | undefined;

  /** @param lockMs how long (ms) a statement waits for another process's lock, unless a deadline comes first */
  constructor(database: DatabaseSyncInstance, lockMs: number) {
    this.#database = database;
    this.#lockMs = lockMs;
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
      // "immediate", because a deferred transaction that reads first fails with "locked" once another process writes.
      this.#database.exec("begin immediate");
      // Set synchronously, before any other caller can run.
      const { promise, resolve } = withResolvers();
      this.#transaction = { owner, ended: promise, end: resolve };
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
      // A full disk or a failed commit may have rolled back already; then there is nothing to undo.
    }
    this.#endTransaction();
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {
    this.#database.close();
  }

  /**
   * Runs `statement` once no other caller's transaction is open, and retries while another process holds a lock. It waits without
   * blocking the event loop.
   */
  async #inTurn<T>(caller: DatabaseConnection, statement: () => T): Promise<T> {
    const deadline = performance.now() + timeLeft(this.#lockMs);
    for (;;) {
      while (this.#transaction && this.#transaction.owner !== caller) await this.#transaction.ended;
      try {
        return statement();
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

/** The cache's size: more than the texts in our code; only lists of many different lengths could exceed it. */
const MAX_STATEMENTS = 300;

interface Prepared {
  statement: StatementSyncInstance;
  /** Whether it returns rows. This depends on the text alone, not on later changes of the schema. */
  hasRows: boolean;
}

/**
 * Caches prepared statements by their text: parsing SQL costs more than running it. After a change of the schema, SQLite prepares a
 * cached statement again by itself. Statements run synchronously, so none is ever used twice at once.
 */
function preparedStatements(database: DatabaseSyncInstance): (sql: string) => Prepared {
  const cache = new Map<string, Prepared>();
  return (sql) => {
    const cached = cache.get(sql);
    if (cached) return cached;
    const statement = database.prepare(sql, { persistent: true });
    const prepared = { statement, hasRows: statement.columns().length > 0 };
    const [oldest] = cache.keys();
    if (cache.size >= MAX_STATEMENTS && oldest !== undefined) cache.delete(oldest);
    cache.set(sql, prepared);
    return prepared;
  };
}

/** Promise.withResolvers, which Node.js 20 does not have. */
function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** SQLite's name for an error, for example "SQLITE_BUSY"; empty for other errors. */
export function sqliteCode(error: unknown): string {
  return error instanceof Error && "sqliteCodeName" in error ? String(error.sqliteCodeName) : "";
}

function isLocked(error: unknown): boolean {
  return ["SQLITE_BUSY", "SQLITE_LOCKED"].includes(sqliteCode(error));
}

/** Classifies a driver's error: a violated constraint or a malformed statement is our bug, everything else is an outage. */
function asStoreError(error: unknown): unknown {
  const bugs = ["", "SQLITE_CONSTRAINT", "SQLITE_ERROR", "SQLITE_MISUSE", "SQLITE_MISMATCH"];
  if (bugs.includes(sqliteCode(error))) return error;
  return new StoreUnavailable("The database cannot be used now.", { cause: error });
}
