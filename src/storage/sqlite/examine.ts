/** Examines a database file before it is opened: empty, damaged or another program's, it is refused with the reason. */
import { statSync } from "node:fs";
import { DEADLINE_MS } from "../deadline.js";
import { TABLE_NAMES } from "../tables.js";
import { refuseOpen } from "./data-folder.js";
import { connect, type DatabaseSyncInstance, sqliteCode } from "./driver.js";

/** Never overwrites or repairs what is there: it may be all that is left. @throws Error with the reason */
export function examine(file: string, { whole }: { whole: boolean }): void {
  const found = statSync(file);
  const { size } = found;
  if (found.isDirectory()) throw new Error("it is a folder. Move it away, or set DATA_DIR to another place");
  if (size === 0) {
    throw new Error("it is empty. Bring back a copy of it; only if it never held anything, remove it");
  }
  // The WAL beside it holds the latest writes.
  for (const end of ["", "-wal", "-shm"]) refuseOpen(`${file}${end}`);
  const database = connect(file, DEADLINE_MS);
  try {
    if (whole || size <= LOOKED_THROUGH) lookThrough(database);
    else lookAtEnds(database);
  } catch (cause) {
    if (sqliteCode(cause) === "SQLITE_CORRUPT") throw new Error(DAMAGED, { cause });
    if (sqliteCode(cause) === "SQLITE_NOTADB") throw new Error(NONE, { cause });
    throw cause;
  } finally {
    database.close();
  }
}

/** So large a file (bytes) is looked through in less than a tenth of a second; a start does not wait for more. */
const LOOKED_THROUGH = 64 * 2 ** 20;

function lookThrough(database: DatabaseSyncInstance): void {
  const [found] = database.prepare("pragma quick_check(1)").all();
  if (found?.quick_check !== "ok") throw new Error(DAMAGED);
}

/**
 * The same few pages however large the file is: its head with the sizes, the schema, and of each table and each index the
 * way from its root to its first and its last entry. Damage beyond them makes a failure of whatever meets it.
 */
function lookAtEnds(database: DatabaseSyncInstance): void {
  const tables = database.prepare("select name from sqlite_schema where type = 'table'").all();
  for (const { name } of tables.filter(({ name }) => TABLE_NAMES.includes(String(name)))) {
    lookAlong(database, `"${name}"`, "rowid");
    const indices = database
      .prepare(
        `select i.name, c.name as "column" from pragma_index_list(?) i, pragma_index_info(i.name) c
         where c.seqno = 0 and c.name is not null and not i.partial`,
      )
      .all(name);
    for (const index of indices)
      lookAlong(database, `"${name}" indexed by "${index.name}"`, `"${index.column}"`);
  }
}

function lookAlong(database: DatabaseSyncInstance, tree: string, column: string): void {
  for (const order of ["asc", "desc"]) {
    database.prepare(`select * from ${tree} order by ${column} ${order} limit 1`).all();
  }
}

const DAMAGED = "it is damaged. Bring back a copy of it";
const NONE =
  "it is not a database, or its beginning is damaged. Bring back a copy of it, or move it away if it is another file";
