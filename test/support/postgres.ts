/** A real PostgreSQL server for tests: in a folder of its own, on a port of its own, and removed afterwards. */
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import {
  childrenOf,
  guardOver,
  portToKeep,
  reachablePrograms,
  signal,
  type User,
  userOfPostgres,
} from "./postgres-process.js";

interface Options {
  maxConnections?: number;
  /** More lines of postgresql.conf. */
  settings?: Record<string, string>;
}

const USER = "latchkey";
const STARTS_WITHIN = 30_000;
/** Messages in English, whatever the machine speaks. */
const env = { ...process.env, LC_ALL: "C" };

/** A new server that answers. `bin` is the folder of its programs, as findPostgres() gives it. */
export async function startPostgres(bin: string, options: Options = {}): Promise<Postgres> {
  const folder = mkdtempSync(path.join(tmpdir(), "latchkey-postgres-"));
  const guard = guardOver(folder);
  const user = userOfPostgres();
  try {
    const programs = reachablePrograms(bin, folder, user);
    if (user.uid !== undefined) execFileSync("chown", ["-R", `${user.uid}:${user.gid}`, folder]);
    const words = ["-D", "data", "-U", USER, "--auth=trust", "-E", "UTF8", "--no-locale", "-N"];
    await promisify(execFile)(path.join(programs, "initdb"), words, { ...user, cwd: folder, env });
    const postgres = new Postgres(programs, folder, user, options, guard);
    await postgres.start();
    return postgres;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    guard?.stdin?.end();
    throw error;
  }
}

let made = 0;

/** Creates a database with a unique name on the server at that address, as a copy of the template. @returns its address */
export async function createDatabase(server: string, template = "template1"): Promise<string> {
  const name = `test_${process.pid}_${Date.now()}_${++made}`;
  const words = `CREATE DATABASE "${name}" TEMPLATE "${template}"`;
  // The quick way, without fsync. Before version 15 it is the only one, and has no keyword.
  await ask(server, `${words} STRATEGY file_copy`).catch(() => ask(server, words));
  const url = new URL(server);
  url.pathname = name;
  return url.href;
}

export class Postgres {
  /** Where its programs are: a copy, if the user that it runs as could not reach the ones given. */
  readonly bin: string;
  port = 0;
  readonly #folder: string;
  readonly #user: User;
  readonly #options: Options;
  readonly #guard: ChildProcess | undefined;
  #server: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();

  constructor(bin: string, folder: string, user: User, options: Options, guard: ChildProcess | undefined) {
    this.bin = bin;
    this.#folder = folder;
    this.#user = user;
    this.#options = options;
    this.#guard = guard;
  }

  /** The folder of all its files. */
  get folder(): string {
    return this.#folder;
  }

  get pid(): number | undefined {
    return this.#server?.pid;
  }

  url(database = "postgres"): string {
    return `postgres://${USER}@127.0.0.1:${this.port}/${database}`;
  }

  createDatabase(template?: string): Promise<string> {
    return createDatabase(this.url(), template);
  }

  /** The rows of the last statement. */
  query(sql: string, database?: string): Promise<pg.QueryResultRow[]> {
    return ask(this.url(database), sql);
  }

  /** The first start. When another process takes the free port meanwhile, the next one is tried. */
  async start(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      this.port = await portToKeep();
      try {
        return await this.#launch();
      } catch (error) {
        if (attempt === 5 || !/Address already in use/.test(`${error}`)) throw error;
      }
    }
  }

  /** Stopped and started again, or started again after a stop: on the same port, with the same data. */
  async restart(): Promise<void> {
    await this.stop();
    await this.#launch();
  }

  /** "fast" ends all connections in good order, "immediate" is a crash that the next start recovers from. */
  async stop(mode: "fast" | "immediate" = "fast"): Promise<void> {
    this.#server?.kill(mode === "fast" ? "SIGINT" : "SIGQUIT");
    // A signal that reaches a frozen server counts from the thaw on.
    this.thaw();
    await this.#ended;
  }

  /** Connections stay open and nothing answers, as on a machine that hangs. */
  freeze(): void {
    if (!this.pid) return;
    // The parent first, so that it starts no new children while they are listed.
    signal("SIGSTOP", [this.pid]);
    signal("SIGSTOP", childrenOf(this.pid));
  }

  thaw(): void {
    if (this.pid) signal("SIGCONT", [...childrenOf(this.pid), this.pid]);
  }

  /** Stops it and removes its folder. */
  async close(): Promise<void> {
    await this.stop("immediate");
    rmSync(this.#folder, { recursive: true, force: true });
    this.#guard?.stdin?.end();
  }

  async #launch(): Promise<void> {
    const name = path.basename(this.#folder);
    const settings = {
      listen_addresses: "127.0.0.1",
      port: `${this.port}`,
      unix_socket_directories: "",
      max_connections: `${this.#options.maxConnections ?? 100}`,
      // The data need not survive the machine, only the process.
      fsync: "off",
      full_page_writes: "off",
      cluster_name: name,
      ...this.#options.settings,
    };
    const words = Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
    const log = path.join(this.#folder, "log");
    const output = openSync(log, "w");
    const server = spawn(path.join(this.bin, "postgres"), ["-D", "data", ...words], {
      ...this.#user,
      cwd: this.#folder,
      env,
      stdio: ["ignore", output, output],
      // Control-C in the terminal is for the test runner alone.
      detached: true,
    });
    closeSync(output);
    const kill = () => server.kill("SIGQUIT");
    process.once("exit", kill);
    this.#server = server;
    this.#ended = new Promise<void>((resolve) => {
      server.once("exit", () => resolve());
      server.once("error", () => resolve());
    }).then(() => {
      process.off("exit", kill);
      if (this.#server === server) this.#server = undefined;
    });

    const until = Date.now() + STARTS_WITHIN;
    while (this.#server && Date.now() < until) {
      // Asked for its name: on the same port another test's server might answer.
      const rows = await ask(this.url(), "SHOW cluster_name", 1000).catch(() => []);
      if (rows[0]?.cluster_name === name) return;
      await sleep(20);
    }
    await this.stop("immediate");
    throw new Error(`PostgreSQL did not start:\n${readFileSync(log, "utf8")}`);
  }
}

/** The rows of the last statement, over a connection for this question alone. */
export async function ask(
  url: string,
  sql: string,
  connectionTimeoutMillis = 0,
): Promise<pg.QueryResultRow[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis });
  // When the server goes away, the query fails too.
  client.on("error", () => {});
  try {
    await client.connect();
    const result: pg.QueryResult | pg.QueryResult[] = await client.query(sql);
    return [result].flat().at(-1)?.rows ?? [];
  } finally {
    await client.end();
  }
}

/** Leaves a transaction open after a statement. @returns a function that ends it */
export async function holdOpen(url: string, sql: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`begin; ${sql}`);
  return () => client.end();
}
