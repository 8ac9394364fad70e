/** The database as another program, or the thief of a disk, gets at it. */
import { existsSync, readFileSync } from "node:fs";
import { DatabaseSync } from "@photostructure/sqlite";
import { onTestFinished } from "vitest";
import { ask as askPostgres, holdOpen } from "./postgres.js";
import type { World } from "./world.js";

/** The database as another program sees it. */
export function openDatabase(world: World): InstanceType<typeof DatabaseSync> {
  const database = new DatabaseSync(world.databaseFile, { timeout: 1_000 });
  onTestFinished(() => database.close());
  return database;
}

/** The rows of a statement that another program runs on a world's database, whichever the engine. Counts want a cast. */
export async function sqlOn<Row = Record<string, unknown>>(world: World, sql: string): Promise<Row[]> {
  if (world.config.databaseUrl !== undefined) {
    return (await askPostgres(world.config.databaseUrl, sql)) as Row[];
  }
  const database = new DatabaseSync(world.databaseFile, { timeout: 1_000 });
  try {
    return database.prepare(sql).all() as Row[];
  } finally {
    database.close();
  }
}

/** Another program holds the database until the running test is over: it can be read, and not written to. */
export async function holdWrites(world: World): Promise<void> {
  if (world.config.databaseUrl === undefined) {
    openDatabase(world).exec("begin immediate");
    return;
  }
  const tables = "accounts, sessions, enrolments, history, throttle";
  onTestFinished(
    await holdOpen(world.config.databaseUrl, `lock table ${tables} in share row exclusive mode`),
  );
}

/** Every byte that a thief of the disk gets. */
export function databaseBytes(world: World): Buffer {
  const files = ["", "-wal", "-shm"].map((end) => `${world.databaseFile}${end}`);
  return Buffer.concat(files.filter((file) => existsSync(file)).map((file) => readFileSync(file)));
}
