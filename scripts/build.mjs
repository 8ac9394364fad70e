/** Builds dist/: the compiled server, the assets, and an executable `latchkey` command. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const SOURCES = [
  "src",
  "public",
  "views",
  "scripts",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "tsconfig.build.json",
];
const STAMP = path.join(root, "dist", ".built-from");

/** Builds from nothing. */
export async function build() {
  rmSync(path.join(root, "dist"), { recursive: true, force: true });
  const tsc = path.join(root, "node_modules", "typescript", "bin", "tsc");
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
  const { buildAssets } = await import("./build-assets.mjs");
  await buildAssets();
  // npm makes a bin executable when it installs it, and a later build would take that away again.
  chmodSync(path.join(root, "dist", "cli.js"), 0o755);
  writeFileSync(STAMP, fingerprint());
}

/** Builds when dist/ is missing or older than its sources. An installed package has no sources: nothing to do. */
export async function buildIfStale() {
  if (!existsSync(path.join(root, "src"))) return;
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === fingerprint()) return;
  process.stderr.write("Building …\n");
  await build();
}

/** A hash over the names and contents of everything that goes into dist/. */
function fingerprint() {
  const hash = createHash("sha256");
  for (const file of SOURCES.flatMap(filesUnder)) {
    hash.update(`${path.relative(root, file)}\0`).update(readFileSync(file));
  }
  return hash.digest("hex");
}

function filesUnder(name) {
  const start = path.join(root, name);
  if (!existsSync(start)) return [];
  if (!statSync(start).isDirectory()) return [start];
  return readdirSync(start, { recursive: true })
    .map((file) => path.join(start, file))
    .filter((file) => statSync(file).isFile())
    .sort();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
