/** `npm run screenshots`: walks the way in on the real app and photographs each page for the README. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildIfStale } from "./build.mjs";
import { findChromium, launch } from "./chromium.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));
const folder = path.join(root, "docs", "screenshots");

const LOOKS = {
  light: { viewport: { width: 1024, height: 720 }, colorScheme: "light" },
  dark: { viewport: { width: 1024, height: 720 }, colorScheme: "dark" },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: "light" },
};

await buildIfStale();
const { fromBase32, totpAt } = await import("../dist/otp.js");
mkdirSync(folder, { recursive: true });
const browser = await launch(await findChromium());
for (const [look, options] of Object.entries(LOOKS)) await photograph(look, options);
await browser.close();

/** Each look on a server and a database of its own, so that each begins with the first sign-in. */
async function photograph(look, options) {
  const dataDir = mkdtempSync(path.join(tmpdir(), "latchkey-screenshots-"));
  const { server, address } = await serve(dataDir);
  const page = await browser.newPage({ ...options, baseURL: address });
  const shoot = async (name) => {
    await page.screenshot({ path: path.join(folder, `${name}-${look}.png`), fullPage: true });
  };
  const press = (selector) => Promise.all([page.waitForEvent("load"), page.click(selector)]);
  const signIn = async (password) => {
    await page.goto("/login");
    await page.fill("#username", "test");
    await page.fill("#password", password);
    await press("main button[type=submit]");
  };
  const submitCode = async (code) => {
    await page.fill("#otp", code);
    await press("main form:has(#otp) button[type=submit]");
  };
  try {
    await page.goto("/");
    await shoot("home");
    await page.goto("/login");
    await shoot("login");
    await signIn("not the password");
    await shoot("login-refused");
    await signIn("password");
    await page.reload();
    await shoot("set-up");
    const secret = (await page.textContent("#key")).replaceAll(" ", "");
    // An old code: right for no moment near now.
    await submitCode(totpAt(fromBase32(secret), Date.now() / 1000 - 3_600));
    await shoot("set-up-refused");
    await submitCode(totpAt(fromBase32(secret), Date.now() / 1000));
    await shoot("signed-in");
    await page.goto("/account");
    await shoot("account");
    await press("header button[type=submit]");
    await shoot("signed-out");
    await signIn("password");
    await page.reload();
    await shoot("code");
    await submitCode(totpAt(fromBase32(secret), Date.now() / 1000 - 3_600));
    await shoot("code-refused");
  } finally {
    await page.close();
    server.kill("SIGTERM");
    await new Promise((resolve) => server.once("exit", resolve));
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function serve(dataDir) {
  const env = {
    ...process.env,
    NODE_ENV: "development",
    DATA_DIR: dataDir,
    PORT: "0",
    HOST: "127.0.0.1",
    BASE_URL: "",
  };
  const server = spawn(process.execPath, ["dist/main.js"], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const address = await new Promise((resolve, reject) => {
    server.stdout.on("data", (chunk) => {
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(String(chunk))?.[0];
      if (found) resolve(found);
    });
    server.once("exit", () => reject(new Error("The server did not start.")));
  });
  return { server, address };
}
