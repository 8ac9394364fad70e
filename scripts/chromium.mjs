/** Finds a Chromium for the browser tests and screenshots, or brings one by npm. */
import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { attempt, isExecutable } from "./bring.mjs";

const INSTALLED = [
  // The same browser without its windows, and so twice as quick.
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

/** What a browser packed for npm needs is kept here: out of the project's own dependencies, which all users install. */
const BROUGHT = fileURLToPath(new URL("../node_modules/.cache/latchkey-browser/", import.meta.url));

/** Nothing that calls home: tests run on machines that reach no network. */
const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * @param {string} executablePath
 * @param {string[]} more words of the command line
 */
export function launch(executablePath, more = []) {
  return chromium.launch({ executablePath, args: [...QUIET, ...more] });
}

/**
 * The path of a Chromium that starts.
 * @throws Error with one sentence that says what to install.
 */
export async function findChromium() {
  const ways = [onThisMachine, broughtBefore, byNpm];
  for (const way of ways) {
    const found = await way().catch(() => undefined);
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

async function byNpm() {
  mkdirSync(BROUGHT, { recursive: true });
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  attempt(npm, [
    "install",
    "--prefix",
    BROUGHT,
    "--no-save",
    "--no-audit",
    "--silent",
    "@sparticuz/chromium@153",
  ]);
  return broughtBefore();
}

async function broughtBefore() {
  if (!existsSync(path.join(BROUGHT, "node_modules"))) return undefined;
  // With this it unpacks the system libraries that it needs as well, whatever the machine has.
  process.env.AWS_LAMBDA_JS_RUNTIME ??= "nodejs22.x";
  const require = createRequire(path.join(BROUGHT, "package.json"));
  const packed = await import(pathToFileURL(require.resolve("@sparticuz/chromium")).href);
  return packed.default.executablePath();
}

async function starts(executablePath) {
  try {
    await (await launch(executablePath)).close();
    return true;
  } catch {
    return false;
  }
}
