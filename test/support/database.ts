/** Databases on the PostgreSQL server of this run. */
import { inject } from "vitest";
import type { Location } from "../../src/storage/index.js";
import { newFolder } from "./new-folder.js";
import { ask, createDatabase } from "./postgres.js";
import { skipWithout } from "./skip.js";

/** The server of this run. Skips the test where there is no PostgreSQL. */
export function postgresServer() {
  const server = inject("postgres");
  if ("problem" in server) skipWithout(server.problem);
  return server;
}

/** The address of a fresh database with our tables, and nothing in them. */
export function newDatabase(): Promise<string> {
  const { url, template } = postgresServer();
  return createDatabase(url, template);
}

/** The address of a fresh database without tables. */
export function emptyDatabase(): Promise<string> {
  return createDatabase(postgresServer().url);
}

/** Empties all our tables of a database. */
export async function emptyTables(url: string): Promise<void> {
  await ask(url, "truncate accounts, throttle, drifts, stored_keys, security_events cascade");
}

/** Each engine, with a place for a database without tables. */
export const ENGINES: [engine: string, emptyPlace: () => Promise<Location>][] = [
  ["SQLite", async () => ({ dataDir: newFolder() })],
  ["PostgreSQL", async () => ({ dataDir: newFolder(), databaseUrl: await emptyDatabase() })],
];
