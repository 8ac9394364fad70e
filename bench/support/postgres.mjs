/** A PostgreSQL server of a bench's own, in the temporary folder, with the settings that a real one has: it survives a crash. */
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
 * Ends with the process, or with close().
 * @returns createDatabase() → its address, query(sql, database), processorMs() of all its processes
 */
export async function startPostgres(settings = {}) {
  const postgres = await start(await findPostgres(), { settings: { ...SETTINGS, ...settings } });
  return {
    createDatabase: () => postgres.createDatabase(),
    /** The rows of the last statement. @param url of a database */
    query: (sql, url) => postgres.query(sql, url && new URL(url).pathname.slice(1)),
    processorMs: () => familyOf(postgres.pid).reduce((sum, pid) => sum + processorMs(pid), 0),
    close: () => postgres.close(),
  };
}

/** A process and its children, each of which serves a connection or does the housekeeping. */
export function familyOf(pid) {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean),
  );
  return [pid, ...children];
}
