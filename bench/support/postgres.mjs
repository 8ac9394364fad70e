/** Starts a PostgreSQL server for a bench, in the temporary folder, with durable settings as in production. */
import { readdirSync, readFileSync } from "node:fs";
import { findPostgres } from "../../scripts/postgres.mjs";
import { compiled } from "./compile.mjs";
import { processorMs } from "./server.mjs";

const { startPostgres: start } = await compiled("test/support/postgres.ts");

const SETTINGS = {
  fsync: "on",
  full_page_writes: "on",
  shared_buffers: "1GB",
  max_wal_size: "4GB",
};

/**
 * Starts the server; it ends with the process, or with close().
 * @returns createDatabase() → its address, query(sql, database), processorMs() of all its processes
 */
export async function startPostgres(settings = {}) {
  const postgres = await start(await findPostgres(), { settings: { ...SETTINGS, ...settings } });
  return {
    createDatabase: () => postgres.createDatabase(),
    /** Runs statements and returns the rows of the last one. @param url of a database */
    query: (sql, url) => postgres.query(sql, url && new URL(url).pathname.slice(1)),
    processorMs: () => familyOf(postgres.pid).reduce((sum, pid) => sum + processorMs(pid), 0),
    close: () => postgres.close(),
  };
}

/** The ids of the server's process and its children, which serve connections or do housekeeping. */
export function familyOf(pid) {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean),
  );
  return [pid, ...children];
}
