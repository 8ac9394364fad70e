/** `npm run screenshots`: walks the way in, a lost phone and the account on the real app and photographs each page for the README. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
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
  // The server's clock cannot be turned here: each code is right in a time step of its own, the one before and after included.
  let step = Math.floor(Date.now() / 30_000) - 1;
  const nextCode = async (secret) => {
    step = Math.max(step, Math.floor(Date.now() / 30_000) - 1);
    while (step > Math.floor(Date.now() / 30_000) + 1) await sleep(500);
    return totpAt(fromBase32(secret), step++ * 30);
  };
  const secretOn = async () => (await page.textContent("#key")).replaceAll(" ", "");
  // A code that was right an hour ago: right for no moment near now.
  const oldCode = (secret) => totpAt(fromBase32(secret), Date.now() / 1000 - 3_600);
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
    const secret = await secretOn();
    await submitCode(oldCode(secret));
    await shoot("set-up-refused");
    await submitCode(await nextCode(secret));
    await shoot("recovery-sheet");
    const sheet = await page.textContent("main");
    const codes = [...new Set(sheet.match(/[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{5}/g))];
    await page.fill("#recovery_code", withTypo(codes[0]));
    await press("main form:has(#recovery_code) button[type=submit]");
    await shoot("recovery-proof-refused");
    await page.fill("#recovery_code", codes[0]);
    await press("main form:has(#recovery_code) button[type=submit]");
    await shoot("signed-in");
    await press("header button[type=submit]");
    await shoot("signed-out");

    await signIn("password");
    await page.reload();
    await shoot("code");
    await submitCode(oldCode(secret));
    await shoot("code-refused");
    await page.goto("/login/recovery-code");
    await shoot("recovery-login");
    await page.fill("#recovery_code", withTypo(codes[1]));
    await press("main form:has(#recovery_code) button[type=submit]");
    await shoot("recovery-login-refused");
    await page.fill("#recovery_code", codes[1]);
    await press("main form:has(#recovery_code) button[type=submit]");
    await shoot("signed-in-recovery");

    await page.goto("/account");
    await press('a[href*="replaces="]');
    await page.fill("#name", "Pixel 9");
    await shoot("change-phone");
    const newSecret = await secretOn();
    await submitCode(await nextCode(newSecret));
    const rowLink = 'a[href$="/remove"]';
    await press(rowLink);
    await shoot("remove-last");
    await page.goto("/account/authenticators/new");
    await page.fill("#name", "KeePassXC");
    await submitCode(await nextCode(await secretOn()));
    await press(rowLink);
    await shoot("remove");
    await page.goto("/account/recovery-codes");
    await shoot("recovery-codes");
    await page.goto("/account/password");
    await shoot("password");
    await page.fill("#current_password", "password");
    await page.fill("#new_password", "qwertyuiop");
    await press("main form:has(#new_password) button[type=submit]");
    await shoot("password-refused");
    await page.goto("/confirm?next=%2Faccount");
    await shoot("confirm");

    // A second browser, on a device that is trusted from now on.
    await press("header button[type=submit]");
    await signIn("password");
    await page.check("[name=trust_device]");
    await submitCode(await nextCode(newSecret));
    await page.goto("/account/history");
    await shoot("history");
    await page.goto("/account");
    await shoot("account");
  } finally {
    await page.close();
    server.kill("SIGTERM");
    await new Promise((resolve) => server.once("exit", resolve));
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** The same code with its last character changed. */
function withTypo(code) {
  return code.slice(0, -1) + (code.endsWith("7") ? "8" : "7");
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
