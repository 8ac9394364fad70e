/** Opens the storage: the engine, the schema brought up to date, the store that auth/ asks for. */
import path from "node:path";
import type { Store } from "../auth/store.js";
import { migrate, schemaOf } from "./migrations.js";
import { openSqlite } from "./sqlite.js";
import { createStore } from "./store.js";

/** The database file of a data directory. */
export function databaseFile(dataDir: string): string {
  return path.join(dataDir, "latchkey.sqlite");
}

/** Opens the embedded database, creating file and tables where they are missing. @throws StoreUnavailable */
export async function openStore(dataDir: string): Promise<Store> {
  const db = openSqlite(databaseFile(dataDir));
  await migrate(db);
  return createStore(db);
}

/** What the schema of an existing database is to this version of Latchkey; nothing is changed. @throws StoreUnavailable */
export async function schemaIn(dataDir: string): Promise<"current" | "older" | "newer"> {
  const db = openSqlite(databaseFile(dataDir));
  try {
    return await schemaOf(db);
  } finally {
    await db.destroy();
  }
}
