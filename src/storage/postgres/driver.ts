/** The server engine: a pool of PostgreSQL connections that gives up in time; the only importer of the driver. */
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

/** Of what nobody waits for: pruning, the command line. The server itself gives up then, too. */
const UNHURRIED_MS = 10_000;

/** Whatever is wanted: a handshake that never ends would keep one of the pool's places for good. */
const CONNECT_MS = 3_000;

/** A node that freezes in the middle of a transaction does not keep the others waiting. */
const IDLE_IN_TRANSACTION_MS = 5_000;

const POOL_SIZE = 10;

const { Pool, DatabaseError, types } = pg;

/**
 * Opens nothing yet: the first statement does. `unlimited`: for migrations, which take the time they take.
 * @param patience how long (ms) a request waits, all its statements together
 */
export function openPostgres(
  url: string,
  { unlimited = false, patience = DEADLINE_MS } = {},
): Kysely<Tables> {
  const limits = {
    statement_timeout: UNHURRIED_MS,
    // On a row that another holds the server gives up first, so that the connection is still good; and not before it has
    // looked for a deadlock, which it does after a second.
    lock_timeout: Math.round(patience * 0.8),
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  };
  // Not as startup parameters, which PgBouncer refuses.
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
  // A connection that breaks is found out by whoever uses it next; unheard, its error would end the process.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: inTime(pool, unlimited) }) });
}

/**
 * The driver treats `require` and the like as `verify-full` and prints a warning about it. We name them `verify-full`, so that it
 * does not.
 */
function withoutAliases(url: string): string {
  if (/[?&]uselibpqcompat=true(&|$)/.test(url)) return url;
  return url.replace(/([?&]sslmode=)(prefer|require|verify-ca)(?=&|$)/g, "$1verify-full");
}

/**
 * How the connection is secured, as the driver reads the address: within this machine, over the network without TLS, by TLS
 * without checking the certificate, or by TLS with the check.
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

/** Those of the settings that are off, without which a crash takes back what the server has called written. */
export async function settingsOff(db: Kysely<Tables>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from pg_settings where name in ('fsync', 'synchronous_commit') and setting = 'off' order by name`.execute(
    db,
  );
  return rows.map(({ name }) => name);
}

/** Times are 64 bits wide and well within what a number holds exactly; the driver would hand them over as text. */
function parserOf(type: number, format: "text" | "binary") {
  return type === types.builtins.INT8 ? Number : types.getTypeParser(type, format as "text");
}

function inTime(pool: pg.Pool, unlimited: boolean): PostgresPool {
  const waits = () => (unlimited ? 0 : timeLeft(UNHURRIED_MS));
  return {
    connect: async () => new Connection(await connect(pool, waits()), waits),
    end: () => pool.end(),
  };
}

/** @throws StoreUnavailable when no connection can be had within `ms` (0: however long it takes) */
async function connect(pool: pg.Pool, ms: number): Promise<pg.PoolClient> {
  const connecting = pool.connect();
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    if (ms > 0) timer = setTimeout(() => reject(new Error("No connection could be had in time.")), ms);
  });
  try {
    return await Promise.race([connecting, tooLong]);
  } catch (error) {
    // One that comes after all is of use to the next.
    connecting.then((late) => late.release()).catch(() => {});
    throw asStoreError(error);
  } finally {
    clearTimeout(timer);
  }
}

type Command = PostgresQueryResult<unknown>["command"];

/** A connection as Kysely wants it. Once an answer is overdue or the line is cut it is given up: the server then rolls back. */
class Connection implements PostgresPoolClient {
  readonly #client: pg.PoolClient;
  readonly #waits: () => number;
  #isBroken = false;

  constructor(client: pg.PoolClient, waits: () => number) {
    this.#client = client;
    this.#waits = waits;
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
      const query = { text, values: [...values], query_timeout: this.#waits() };
      const { command, rowCount, rows }: pg.QueryResult<Record<string, unknown>> =
        await this.#client.query(query);
      if (text === "commit" && command === "ROLLBACK") throw new Error("An error in it was passed over.");
      return { command: command as Command, rowCount: rowCount ?? 0, rows: rows as R[] };
    } catch (error) {
      this.#isBroken = !(error instanceof DatabaseError) || CUT.test(error.code ?? "");
      throw asStoreError(error);
    }
  }

  /** The server rolls back by itself; nothing else may seem to have held. */
  #afterBreaking(text: string): PostgresQueryResult<never> {
    if (text !== "rollback") throw new StoreUnavailable("The connection to the database was lost.");
    return { command: "UPDATE", rowCount: 0, rows: [] };
  }

  release(): void {
    this.#client.release(this.#isBroken);
  }
}

/** Errors after which the connection is none any more: it was lost, or the server has ended it. */
const CUT = /^(08|57P|53300|25P0[34])/;

/** Deadlocks and the like, and an account that was removed in the middle: what was to be done can be begun again. */
const CONFLICTS = ["40001", "40P01", "23503"];

/** By the class of their code: bad values, violated constraints, statements that are wrong. */
const OURS = ["22", "23", "42"];

/** A constraint or a malformed statement is our bug; everything else is an outage. */
function asStoreError(error: unknown): unknown {
  const code = error instanceof DatabaseError ? (error.code ?? "") : "";
  if (CONFLICTS.includes(code))
    return new Conflict("Two transactions were in each other's way.", { cause: error });
  if (error instanceof DatabaseError && OURS.includes(code.slice(0, 2))) {
    // They hold whole rows, and the log is no place for those.
    error.detail = undefined;
    error.where = undefined;
    return error;
  }
  return new StoreUnavailable("The database cannot be used now.", { cause: error });
}
