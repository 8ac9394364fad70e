/**
 * Examines a database file before it is opened, and refuses an empty, damaged or otherwise unusable one with the reason.
 * Tests: test/storage/sqlite/database-file.test.ts
 */
import { statSync } from "node:fs";
import { DEADLINE_MS } from "../deadline.js";
import { TABLE_NAMES } from "../tables.js";
import { assertPrivate } from "./data-folder.js";
import { connect, type DatabaseSyncInstance, sqliteCode } from "./driver.js";

/**
 * Checks a database file. It never overwrites or repairs anything, because the file may be the only copy.
 * @param whole checks every page, however large the file is
 * @throws Error with the reason
 */
export function examine(file: string, { whole }: { whole: boolean }): void {
  const found = statSync(file);
  const { size } = found;
  if (found.isDirectory()) throw new Error("it is a folder. Move it away, or set DATA_DIR to another place");
  if (size === 0) {
    throw new Error("it is empty. Bring back a copy of it; only if it never held anything, remove it");
  }
  // The -wal file holds the latest writes.
  for (const end of ["", "-wal", "-shm"]) assertPrivate(`${file}${end}`);
  const database = connect(file, DEADLINE_MS);
  try {
    if (whole || size <= MAX_QUICK_BYTES) checkAllPages(database);
    else checkEnds(database);
  } catch (cause) {
    if (sqliteCode(cause) === "SQLITE_CORRUPT") throw new Error(DAMAGED, { cause });
    if (sqliteCode(cause) === "SQLITE_NOTADB") throw new Error(NOT_A_DATABASE, { cause });
    throw cause;
  } finally {
    database.close();
  }
}

/** A file of up to this size (bytes) is checked in less than a tenth of a second; a start does not wait longer. */
const MAX_QUICK_BYTES = 64 * 2 ** 20;

function checkAllPages(database: DatabaseSyncInstance): void {
  const [found] = database.prepare("pragma quick_check(1)").all();
  if (found?.quick_check !== "ok") throw new Error(DAMAGED);
}

/**
 * Checks a few pages, however large the file is: its header, the schema, and for each table and index the path from the root to the
 * first and the last entry. Damage elsewhere makes the statement that reads it fail.
 */
function checkEnds(database: DatabaseSyncInstance): void {
  const tables = database.prepare("select name from sqlite_schema where type = 'table'").all();
  for (const { name } of tables.filter(({ name }) => TABLE_NAMES.includes(String(name)))) {
    readFirstAndLast(database, `"${name}"`, "rowid");
    const indices = database
      .prepare(
        `select i.name, c.name as "column" from pragma_index_list(?) i, pragma_index_info(i.name) c
         where c.seqno = 0 and c.name is not null and not i.partial`,
      )
      .all(name);
    for (const index of indices)
      readFirstAndLast(database, `"${name}" indexed by "${index.name}"`, `"${index.column}"`);
  }
}

function readFirstAndLast(database: DatabaseSyncInstance, tree: string, column: string): void {
  for (const order of ["asc", "desc"]) {
    database.prepare(`select * from ${tree} order by ${column} ${order} limit 1`).all();
  }
}

const DAMAGED = "it is damaged. Bring back a copy of it";
const NOT_A_DATABASE =
  "it is not a database, or its beginning is damaged. Bring back a copy of it, or move it away if it is another file";
