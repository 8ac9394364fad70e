/** Finds a Chromium for the browser tests and screenshots, or installs one by npm. */
import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { attempt, isExecutable } from "./bring.mjs";

const INSTALLED = [
  // The same browser without windows, and twice as fast.
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];

/** The browser from npm is installed here, not as a dependency of the project, which all users would install. */
const NPM_FOLDER = fileURLToPath(new URL("../node_modules/.cache/latchkey-browser/", import.meta.url));

/** No background traffic, because tests run on machines without a network. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Starts a Chromium.
 * @param {string} executablePath
 * @param {string[]} more command-line arguments
 */
export function launch(executablePath, more = []) {
  return chromium.launch({ executablePath, args: [...FLAGS, ...more] });
}

/**
 * Returns the path of a Chromium that starts: one of this machine, or one from npm.
 * @throws Error with one sentence that says what to install
 */
export async function findChromium() {
  const finders = [onThisMachine, fromNpm, installByNpm];
  for (const find of finders) {
    const found = await find().catch(() => undefined);
    if (found && (await starts(found))) return found;
  }
  throw new Error(
    "The browser tests need Chromium: install it (`npm run setup` on Debian) or set CHROMIUM to its path.",
  );
}

async function onThisMachine() {
  const { CHROMIUM } = process.env;
  return [...(CHROMIUM ? [CHROMIUM] : []), ...INSTALLED, chromium.executablePath()].find(isExecutable);
}

async function installByNpm() {
  mkdirSync(NPM_FOLDER, { recursive: true });
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  attempt(npm, [
    "install",
    "--prefix",
    NPM_FOLDER,
    "--no-save",
    "--no-audit",
    "--silent",
    "@sparticuz/chromium@153",
  ]);
  return fromNpm();
}

/** The browser that was installed by npm before; undefined if there is none. */
async function fromNpm() {
  if (!existsSync(path.join(NPM_FOLDER, "node_modules"))) return undefined;
  // Makes the package also unpack the system libraries that the browser needs, in case the machine lacks them.
  process.env.AWS_LAMBDA_JS_RUNTIME ??= "nodejs22.x";
  const require = createRequire(path.join(NPM_FOLDER, "package.json"));
  // Its fonts are found in /tmp alone, so it is not unpacked where tests keep their temporary files.
  const { TMPDIR } = process.env;
  delete process.env.TMPDIR;
  try {
    const packed = await import(pathToFileURL(require.resolve("@sparticuz/chromium")).href);
    return await packed.default.executablePath();
  } finally {
    if (TMPDIR !== undefined) process.env.TMPDIR = TMPDIR;
  }
}

async function starts(executablePath) {
  try {
    await (await launch(executablePath)).close();
    return true;
  } catch {
    return false;
  }
}
