/** Builds the assets for browsers: one stylesheet, our scripts and the icons, under hashed names and precompressed. */
import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { PurgeCSS } from "purgecss";
import { compileAsync } from "sass";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Fills outDir with assets/ and manifest.json, and returns the manifest: plain name to hashed name. */
export async function buildAssets(outDir = join(root, "dist/public")) {
  const sources = [
    ["latchkey.css", await stylesheet()],
    ...(await filesIn("public/js", ".js")),
    ...(await filesIn("public/icons", ".svg", ".ico", ".png")),
  ];
  const assets = join(outDir, "assets");
  await mkdir(assets, { recursive: true });

  const manifest = {};
  const written = new Set();
  for (const [name, content] of sources) {
    const hashed = hashedName(name, content);
    manifest[name] = hashed;
    for (const [suffix, bytes] of withCompressed(content)) {
      written.add(hashed + suffix);
      await replaceFile(join(assets, hashed + suffix), bytes);
    }
  }
  await replaceFile(join(outDir, "manifest.json"), Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
  for (const name of await readdir(assets)) {
    if (!written.has(name) && !name.endsWith(".tmp")) await rm(join(assets, name), { force: true });
  }
  return manifest;
}

/** Bootstrap's rules for what no page has: PurgeCSS looks at names alone, and these are pseudo-elements, attributes and states. */
const UNUSED = [
  "file-selector|date-and-time|datetime-edit|calendar-picker|inner-spin|-webkit-search|color-swatch",
  "type=(?:file|search)|::placeholder|:indeterminate",
  "form-control:disabled|form-check-input(?::|\\[)disabled|\\.btn:first-child:active:focus-visible",
];
const UNUSED_RULES = new RegExp(`(?<=[{}])[^{}]*(?:${UNUSED.join("|")})[^{}]*\\{[^{}]*\\}`, "g");

/** Bootstrap and our own rules, without those that no page uses: 24 KB become about 5. */
async function stylesheet() {
  const { css } = await compileAsync(join(root, "public/css/latchkey.scss"), {
    style: "compressed",
    loadPaths: [join(root, "node_modules")],
    // Bootstrap 5.3 is written for an older Sass; we cannot fix its 277 warnings.
    quietDeps: true,
    silenceDeprecations: ["import"],
  });
  const [purged] = await new PurgeCSS().purge({
    css: [{ raw: css.replace(UNUSED_RULES, "") }],
    content: ["views/**/*.ejs", "public/js/*.js", "src/web/**/*.ts"].map((glob) => join(root, glob)),
    safelist: { standard: [/^ring-at-/] }, // written as "ring-at-<%= second %>"
    // Words of our code that are elements, too.
    blocklist: ["address", "mark", "select", "small"],
    variables: true,
    keyframes: true,
  });
  // Sass leaves spaces in values of variables and after commas: 4 % of the stylesheet.
  const rules = purged.css.indexOf("*/") + 2;
  const shortened = purged.css
    .slice(rules)
    .replace(/(--[\w-]+): /g, "$1:")
    .replace(/, /g, ",");
  return Buffer.from(purged.css.slice(0, rules) + shortened);
}

async function filesIn(folder, ...extensions) {
  const names = (await readdir(join(root, folder)))
    .filter((name) => extensions.includes(extname(name)))
    .sort();
  return Promise.all(names.map(async (name) => [name, await readFile(join(root, folder, name))]));
}

function hashedName(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 8);
  const extension = extname(name);
  return `${basename(name, extension)}.${hash}${extension}`;
}

/** The content itself and its compressed forms, by file suffix. */
function withCompressed(content) {
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  return [
    ["", content],
    [".br", brotliCompressSync(content, quality)],
    [".gz", gzipSync(content, { level: 9 })],
  ];
}

/** Replaces a file atomically, so that a server that runs during a build never reads half a file. */
async function replaceFile(path, bytes) {
  const draft = `${path}.${randomUUID()}.tmp`;
  await writeFile(draft, bytes);
  await rename(draft, path);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildAssets();
