/** Builds dist/: the server and the `latchkey` command as JavaScript, and the assets that browsers fetch. */
import { createHash } from "node:crypto";
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const STAMP = path.join(root, "dist", ".built-from");

/** Everything that goes into dist/, or makes it. */
const SOURCES = [
  "src",
  "public",
  "views",
  "scripts/build.mjs",
  "scripts/build-assets.mjs",
  "package-lock.json",
];

/** These two come as hundreds of small modules; reading them one by one was half of the start-up. */
const BUNDLED = ["kysely", "zod"];

/** Builds from nothing. */
export async function build() {
  rmSync(path.join(root, "dist"), { recursive: true, force: true });
  // Imported here: who only starts what is built needs no build tools.
  const { buildAssets } = await import("./build-assets.mjs");
  await Promise.all([compile(), buildAssets()]);
  writeFileSync(STAMP, fingerprint());
}

/** Builds when dist/ is missing or older than its sources. An installed package has no sources: nothing to do. */
export async function buildIfStale() {
  if (!existsSync(path.join(root, "src"))) return;
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === fingerprint()) return;
  process.stderr.write("Building …\n");
  await build();
}

/** Types fall away here; `npm run check` is what judges them. */
async function compile() {
  const { rolldown } = await import("rolldown");
  const bundle = await rolldown({
    cwd: root,
    input: { cli: "src/cli.ts", main: "src/main.ts", otp: "src/otp/index.ts" },
    platform: "node",
    external: (id) => !/^[./]/.test(id) && !path.isAbsolute(id) && !BUNDLED.includes(id),
  });
  await bundle.write({ dir: path.join(root, "dist"), format: "esm", chunkFileNames: "[name].js" });
  await bundle.close();
  // npm makes a bin executable when it installs it, and a later build would take that away again.
  chmodSync(path.join(root, "dist", "cli.js"), 0o755);
}

/** A hash over the names and contents of all sources. */
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
