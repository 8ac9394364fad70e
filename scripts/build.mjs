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

/** What the package exports, by its name in dist/. package.json names each of them for `import` and for `require`. */
const EXPORTED = { latchkey: "src/public-api.ts", testing: "src/testing.ts" };

/** The types that these refer to. */
const PUBLIC_TYPES = {
  "public-types": "src/public-types.ts",
  "public-accounts": "src/public-accounts.ts",
  "public-events": "src/public-events.ts",
};

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
      requireForCommonJs(fresh),
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
    input: { cli: "src/cli.ts", main: "src/main.ts", otp: "src/otp/index.ts", ...EXPORTED },
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
  for (const [name, file] of Object.entries({ ...EXPORTED, ...PUBLIC_TYPES })) {
    const source = readFileSync(path.join(root, file), "utf8");
    const { outputText, diagnostics } = ts.transpileDeclaration(source, { fileName: file });
    const [problem] = diagnostics ?? [];
    if (problem) throw new Error(ts.flattenDiagnosticMessageText(problem.messageText, "\n"));
    writeFileSync(path.join(dir, `${name}.d.ts`), outputText);
  }
  for (const name of Object.keys(EXPORTED)) declareForCommonJs(dir, name);
}

/**
 * Writes what CommonJS requires. Node requires ES modules itself, but a test runner may stand before it: Jest has a `Module` of its
 * own, which before Node 24.9 knows none, and is derived from Node's.
 */
function requireForCommonJs(dir) {
  mkdirSync(dir, { recursive: true });
  for (const name of Object.keys(EXPORTED)) {
    const lines = [
      `const { Module } = require("node:module");`,
      "const base = Object.getPrototypeOf(Module);",
      `const { createRequire } = typeof base.createRequire === "function" ? base : Module;`,
      `module.exports = createRequire(__filename)("./${name}.js");`,
    ];
    writeFileSync(path.join(dir, `${name}.cjs`), `${lines.join("\n")}\n`);
  }
}

/**
 * Writes the declarations for CommonJS: the same types under another name, because TypeScript's `node16` lets no CommonJS file
 * import an ES module, although Node does since 20.19.
 */
function declareForCommonJs(dir, name) {
  const source = readFileSync(path.join(dir, `${name}.d.ts`), "utf8");
  const from = `from "./${name}.js" with { "resolution-mode": "import" };`;
  const types = [...source.matchAll(/^export type \{([^}]*)\} from|^export (?:interface|type) (\w+)/gm)];
  const functions = [...source.matchAll(/^export declare function (\w+)/gm)].map(([, found]) => found);
  const lines = [
    `export type { ${types.map(([, several, one]) => (several ?? one).trim().replace(/,$/, "")).join(", ")} } ${from}`,
    `import type * as all ${from}`,
    ...functions.map((found) => `export declare const ${found}: typeof all.${found};`),
  ];
  writeFileSync(path.join(dir, `${name}.d.cts`), `${lines.join("\n")}\n`);
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
