/** Runs the scripts of docs/moving-in.md on the exports in test/fixtures/moving-in. */
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { DatabaseSync } from "@photostructure/sqlite";
import { appSecret } from "./app-secret.js";
import { latchkey, type Outcome } from "./latchkey-command.js";
import { newFolder } from "./new-folder.js";
import { ask } from "./postgres.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

export const fixture = (name: string) => path.join(root, "test/fixtures/moving-in", name);

const recipe = (name: string) => path.join(root, "examples/moving-in", name);

interface Input {
  args?: string[];
  stdin?: string;
  env?: Record<string, string>;
}

/** What a script prints. */
export function runScript(
  name: string,
  { args = [], stdin = "", env = {} }: Input,
): Promise<{ out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...env } };
    const child = execFile(process.execPath, [recipe(name), ...args], options, (error, out, err) =>
      error ? reject(error) : resolve({ out, err }),
    );
    child.stdin?.end(stdin);
  });
}

/** The lines that a query of a recipe finds in a SQLite database that was dumped. */
export function askSqlite(dump: string, query: string): string {
  const db = new DatabaseSync(":memory:");
  db.exec(readFileSync(fixture(dump), "utf8"));
  const rows = db.prepare(readFileSync(recipe(query), "utf8")).all();
  db.close();
  return linesOf(rows as Record<string, unknown>[]);
}

/** The same in PostgreSQL. @param url an empty database */
export async function askPostgres(url: string, dump: string, query: string): Promise<string> {
  await ask(url, readFileSync(fixture(dump), "utf8"));
  const rows = await ask(url, readFileSync(recipe(query), "utf8"));
  return linesOf(rows);
}

/** As psql and sqlite3 print one column. */
function linesOf(rows: Record<string, unknown>[]): string {
  const cells = rows.map((row) => Object.values(row)[0]);
  return cells.map((cell) => `${typeof cell === "string" ? cell : JSON.stringify(cell)}\n`).join("");
}

/** Imports the lines by the command line into a new database. */
export async function imported(lines: string): Promise<{ DATA_DIR: string; done: Outcome; rows: Row[] }> {
  const folder = newFolder();
  const DATA_DIR = path.join(folder, "data");
  const file = path.join(folder, "people.jsonl");
  writeFileSync(file, lines, { mode: 0o600 });
  const done = await latchkey(["account", "import", file, "--json"], {
    env: { DATA_DIR, APP_SECRETS: appSecret() },
  });
  return {
    DATA_DIR,
    done,
    rows: lines
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  };
}

export interface Row {
  username: string;
  totp?: string;
}
