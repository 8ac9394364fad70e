/** Builds dist/: the server and the `latchkey` command as JavaScript, and the assets for browsers. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const dist = path.join(root, "dist");
const STAMP = ".built-from";

/** Everything that goes into dist/ or builds it; a change makes dist/ stale. */
const SOURCES = [
  "src",
  "public",
  "views",
  "scripts/build.mjs",
  "scripts/build-assets.mjs",
  "package-lock.json",
];

/** Bundled, because they consist of hundreds of small modules: reading these one by one was half of the start-up time. */
const BUNDLED = ["kysely", "zod"];

/** Whether dist/ is missing or older than its sources. An installed package has no sources and is never stale. */
export function isStale() {
  if (!existsSync(path.join(root, "src"))) return false;
  const stamp = path.join(dist, STAMP);
  return !existsSync(stamp) || readFileSync(stamp, "utf8") !== fingerprint();
}

/**
 * Builds dist/ if it is stale, in a separate process, so that a server keeps no compiler in memory.
 * @throws Error after the build has printed what is wrong
 */
export function buildIfStale() {
  if (!isStale()) return;
  process.stderr.write("Building …\n");
  execFileSync(process.execPath, [fileURLToPath(import.meta.url)], { stdio: "inherit" });
}

/** Builds into a new folder that then replaces dist/, so that a failed build keeps the last good one. */
async function build() {
  const from = fingerprint();
  const fresh = `${dist}.${process.pid}`;
  try {
    const { buildAssets } = await import("./build-assets.mjs");
    // Waits for all parts, also after one has failed: the folder is deleted next.
    const parts = await Promise.allSettled([
      compile(fresh),
      declareTypes(fresh),
      buildAssets(path.join(fresh, "public")),
    ]);
    const failed = parts.find(({ status }) => status === "rejected");
    if (failed) throw failed.reason;
    writeFileSync(path.join(fresh, STAMP), from);
    rmSync(dist, { recursive: true, force: true });
    renameSync(fresh, dist);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Compiles to JavaScript without checking types; `npm run check` does that. */
async function compile(dir) {
  const { rolldown } = await import("rolldown");
  const bundle = await rolldown({
    cwd: root,
    input: { cli: "src/cli.ts", main: "src/main.ts", latchkey: "src/latchkey.ts", otp: "src/otp/index.ts" },
    platform: "node",
    external: (id) => !/^[./]/.test(id) && !path.isAbsolute(id) && !BUNDLED.includes(id),
  });
  await bundle.write({ dir, format: "esm", chunkFileNames: "[name].js" });
  await bundle.close();
  chmodSync(path.join(dir, "cli.js"), 0o755);
}

/**
 * Writes the type declarations of the public API. These sources spell out every exported type, so each file is enough by
 * itself.
 */
async function declareTypes(dir) {
  const { default: ts } = await import("typescript");
  mkdirSync(dir, { recursive: true });
  for (const name of ["latchkey", "public-types", "public-accounts"]) {
    const source = readFileSync(path.join(root, "src", `${name}.ts`), "utf8");
    const { outputText, diagnostics } = ts.transpileDeclaration(source, { fileName: `${name}.ts` });
    const [problem] = diagnostics ?? [];
    if (problem) throw new Error(ts.flattenDiagnosticMessageText(problem.messageText, "\n"));
    writeFileSync(path.join(dir, `${name}.d.ts`), outputText);
  }
}

/** A hash over the names and contents of all sources. */
export function fingerprint() {
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

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await build();
  } catch (error) {
    process.stderr.write(`The build failed: ${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}
