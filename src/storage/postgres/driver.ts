/**
 * The PostgreSQL engine: a pool of connections whose statements keep a deadline; the only importer of the driver.
 * Tests: test/storage/postgres/postgres.test.ts, test/security/postgres-faults.test.ts
 */
import {
  Kysely,
  type PostgresCursor,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  type PostgresQueryResult,
  sql,
} from "kysely";
import pg from "pg";
import { StoreUnavailable } from "../../auth/store.js";
import { DEADLINE_MS, timeLeft } from "../deadline.js";
import type { Tables } from "../tables.js";
import { Conflict } from "../transaction.js";

/**
 * The statement timeout for work without a deadline, such as pruning and the command line. The PostgreSQL server enforces it
 * too.
 */
const BACKGROUND_MS = 10_000;

/** The limit for connecting: a handshake that never ends would occupy one of the pool's connections for ever. */
const CONNECT_MS = 3_000;

/** The server ends transactions that idle this long, so a node that freezes inside one does not block the others. */
const IDLE_IN_TRANSACTION_MS = 5_000;

const POOL_SIZE = 10;

const { Pool, DatabaseError, types } = pg;

/**
 * Creates the pool; the first statement connects. `unlimited`, for migrations, sets no limits for statements.
 * `statementMs` is how long a statement of a request may wait; see deadline.ts.
 */
export function openPostgres(
  url: string,
  { unlimited = false, statementMs = DEADLINE_MS } = {},
): Kysely<Tables> {
  const limits = {
    statement_timeout: BACKGROUND_MS,
    // Shorter than our own deadline, so that a wait for a row lock ends with an error of the server and the connection stays
    // usable; longer than a second, after which the server looks for a deadlock.
    lock_timeout: Math.round(statementMs * 0.8),
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  };
  // A statement, because PgBouncer refuses startup parameters.
  const text = Object.entries(limits)
    .map(([name, ms]) => `set ${name} = ${ms}`)
    .join("; ");
  const setLimits = async (client: pg.ClientBase) => {
    const query = { text, query_timeout: CONNECT_MS };
    await client.query(query);
  };
  const pool = new Pool({
    connectionString: withoutAliases(url),
    application_name: "latchkey",
    max: POOL_SIZE,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_MS,
    types: { getTypeParser: parserOf as typeof types.getTypeParser },
    ...(unlimited ? {} : { onConnect: setLimits }),
  });
  // The next statement on a broken connection reports it; an error event without a listener would end the process.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: withTimeLimits(pool, unlimited) }) });
}

/**
 * Replaces the values of `sslmode` that the driver treats as `verify-full`, such as `require`, by that name: the driver prints a
 * warning about the others.
 */
function withoutAliases(url: string): string {
  if (/[?&]uselibpqcompat=true(&|$)/.test(url)) return url;
  return url.replace(/([?&]sslmode=)(prefer|require|verify-ca)(?=&|$)/g, "$1verify-full");
}

/**
 * How the connection is secured, as the driver reads the address. `local`: within this machine; `open`: over the network
 * without TLS; `unchecked`: TLS without checking the certificate; `checked`: TLS with the check.
 */
export function transportOf(url: string): "local" | "open" | "unchecked" | "checked" {
  const client = new pg.Client({ connectionString: withoutAliases(url) });
  if (/^(\/|localhost$|127\.|::1$)/.test(client.host)) return "local";
  const ssl: unknown = client.ssl;
  if (!ssl) return "open";
  const isChecked =
    typeof ssl !== "object" || !("rejectUnauthorized" in ssl) || ssl.rejectUnauthorized !== false;
  return isChecked ? "checked" : "unchecked";
}

/** Names those durability settings of the server that are off: without them, a crash loses committed writes. */
export async function settingsOff(db: Kysely<Tables>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from pg_settings where name in ('fsync', 'synchronous_commit') and setting = 'off' order by name`.execute(
    db,
  );
  return rows.map(({ name }) => name);
}

/** Parses 64-bit integers as numbers, where the driver would return text: our times are far within what a number holds exactly. */
function parserOf(type: number, format: "text" | "binary") {
  return type === types.builtins.INT8 ? Number : types.getTypeParser(type, format as "text");
}

function withTimeLimits(pool: pg.Pool, unlimited: boolean): PostgresPool {
  const timeLimit = () => (unlimited ? 0 : timeLeft(BACKGROUND_MS));
  return {
    connect: async () => new Connection(await connect(pool, timeLimit()), timeLimit),
    end: () => pool.end(),
  };
}

/** Takes a connection from the pool. @throws StoreUnavailable when none is free within `ms` (0: no limit) */
async function connect(pool: pg.Pool, ms: number): Promise<pg.PoolClient> {
  const connecting = pool.connect();
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    if (ms > 0) timer = setTimeout(() => reject(new Error("No connection could be had in time.")), ms);
  });
  try {
    return await Promise.race([connecting, timeout]);
  } catch (error) {
    // A connection that arrives late goes back to the pool for the next caller.
    connecting.then((late) => late.release()).catch(() => {});
    throw asStoreError(error);
  } finally {
    clearTimeout(timer);
  }
}

type Command = PostgresQueryResult<unknown>["command"];

/**
 * A pooled connection with the interface that Kysely expects. After a timeout or a lost connection it is discarded, and the
 * server rolls back its transaction.
 */
class Connection implements PostgresPoolClient {
  readonly #client: pg.PoolClient;
  readonly #timeLimit: () => number;
  #isBroken = false;

  constructor(client: pg.PoolClient, timeLimit: () => number) {
    this.#client = client;
    this.#timeLimit = timeLimit;
  }

  query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query<R>(
    text: string | PostgresCursor<R>,
    values: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
    if (typeof text !== "string") throw new Error("Cursors are not supported.");
    return this.#run<R>(text, values);
  }

  async #run<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    if (this.#isBroken) return this.#afterBreaking(text);
    try {
      const query = { text, values: [...values], query_timeout: this.#timeLimit() };
      const { command, rowCount, rows }: pg.QueryResult<Record<string, unknown>> =
        await this.#client.query(query);
      if (text === "commit" && command === "ROLLBACK") throw new Error("An error in it was passed over.");
      return { command: command as Command, rowCount: rowCount ?? 0, rows: rows as R[] };
    } catch (error) {
      this.#isBroken = !(error instanceof DatabaseError) || CONNECTION_LOST.test(error.code ?? "");
      throw asStoreError(error);
    }
  }

  /** Lets `rollback` succeed, because the server rolls back by itself, and fails every other statement. */
  #afterBreaking(text: string): PostgresQueryResult<never> {
    if (text !== "rollback") throw new StoreUnavailable("The connection to the database was lost.");
    return { command: "UPDATE", rowCount: 0, rows: [] };
  }

  release(): void {
    this.#client.release(this.#isBroken);
  }
}

/** Error codes that mean the connection was lost or ended by the server. */
const CONNECTION_LOST = /^(08|57P|53300|25P0[34])/;

/**
 * Error codes after which a transaction can be retried: serialisation failures, deadlocks, an account removed meanwhile
 * (foreign key).
 */
const CONFLICTS = ["40001", "40P01", "23503", "23505"];

/** Classes of error codes that are our bugs: bad values, violated constraints, wrong statements. */
const BUG_CLASSES = ["22", "23", "42"];

/**
 * Classifies a driver's error: a conflict can be retried, a violated constraint or wrong statement is our bug, the rest is an
 * outage.
 */
function asStoreError(error: unknown): unknown {
  const code = error instanceof DatabaseError ? (error.code ?? "") : "";
  if (CONFLICTS.includes(code))
    return new Conflict("Two transactions were in each other's way.", { cause: error });
  if (error instanceof DatabaseError && BUG_CLASSES.includes(code.slice(0, 2))) {
    // These fields hold whole rows, which must not reach the log.
    error.detail = undefined;
    error.where = undefined;
    return error;
  }
  return new StoreUnavailable("The database cannot be used now.", { cause: error });
}
