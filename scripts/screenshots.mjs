/** `npm run screenshots`: walks the way in, a lost phone and the account on the real app and photographs each page for docs/tour.md. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildIfStale } from "./build.mjs";
import { findChromium, launch } from "./chromium.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));
const folder = path.join(root, "docs", "screenshots");

const DESKTOP = { width: 1024, height: 720 };
const LOOKS = {
  light: { viewport: DESKTOP, colorScheme: "light" },
  dark: { viewport: DESKTOP, colorScheme: "dark" },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: "light" },
};

const TEN_MINUTES = 600_000;

/** What an app computes with that does not do as the QR code says. */
const SHA256 = { algorithm: "SHA256", digits: 6, period: 30 };

/** The last time step whose code was typed, by secret. */
const spent = new Map();

/** What people have, so that the account page reads as theirs would. */
const LAPTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:152.0) Gecko/20100101 Firefox/152.0";
const PHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 19_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.5 Mobile/15E148 Safari/604.1";

await buildIfStale();
const { fromBase32, totpAt } = await import("../dist/otp.js");
mkdirSync(folder, { recursive: true });
const dataDir = mkdtempSync(path.join(tmpdir(), "latchkey-screenshots-"));
const { address, stop } = await serve(dataDir);
const browser = await launch(await findChromium());
try {
  await photographAll();
} finally {
  await browser.close();
  await stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** Walks once, and photographs each page in every look on the way: some pages are shown only once. */
async function photographAll() {
  const page = await browser.newPage({ baseURL: address, userAgent: LAPTOP });
  const { press, signIn, submitCode, submitRecoveryCode, secretOn } = hands(page);

  await page.goto("/");
  await shoot(page, "home");
  await page.goto("/login");
  await shoot(page, "login");
  await signIn("not the password");
  await shoot(page, "login-refused");
  await signIn("password");
  await page.reload();
  await shoot(page, "set-up");
  const oldSecret = await secretOn();
  await submitCode(totpAt(fromBase32(oldSecret), Date.now() / 1000, SHA256));
  await shoot(page, "set-up-refused");
  await submitCode(nextCode(oldSecret));
  await shoot(page, "recovery-sheet");
  const codes = (await page.locator("#sheet li").allTextContents()).map((code) => code.trim());
  await submitRecoveryCode(withTypo(codes[0]));
  await shoot(page, "recovery-proof-refused");
  await submitRecoveryCode(codes[0]);
  await shoot(page, "signed-in");
  await page.goto("/logout");
  await shoot(page, "sign-out");
  await press("main button[type=submit]");
  await shoot(page, "signed-out");

  await photographRefusals(page, oldSecret);
  await signIn("password");
  await page.reload();
  await shoot(page, "code");
  await page.goto("/login/recovery-code");
  await shoot(page, "recovery-login");
  await submitRecoveryCode(withTypo(codes[1]));
  await shoot(page, "recovery-login-refused");
  await submitRecoveryCode(codes[1]);
  await shoot(page, "signed-in-recovery");

  await press('a[href*="replaces="]');
  await page.fill("#name", "Pixel 9");
  await shoot(page, "change-phone");
  const secret = await secretOn();
  await submitCode(nextCode(secret));
  await press('a[href$="/remove"]');
  await shoot(page, "remove-last");
  await page.goto("/account/authenticators/new");
  await page.goto("/dev/authenticator");
  await shoot(page, "dev-authenticator");
  await page.goBack();
  await page.fill("#name", "KeePassXC");
  await submitCode(nextCode(await secretOn()));
  await press('a[href$="/remove"]');
  await shoot(page, "remove");
  await page.goto("/account/recovery-codes");
  await shoot(page, "recovery-codes");
  await page.goto("/account/password");
  await shoot(page, "password");
  await page.fill("#current_password", "password");
  await page.fill("#new_password", "qwertyuiop");
  await press("main form:has(#new_password) button[type=submit]");
  await shoot(page, "password-refused");
  await page.goto("/confirm?next=%2Faccount%2Fpassword");
  await shoot(page, "confirm");

  // A second browser is signed in too, and trusted from now on.
  const phone = await browser.newPage({ baseURL: address, userAgent: PHONE });
  await hands(phone).signIn("password");
  await phone.check("#trust_device");
  await hands(phone).submitCode(nextCode(secret));
  await page.goto("/account");
  await shoot(page, "account");
  await page.goto("/account/history");
  await shoot(page, "history");
}

/** Ten minutes later: a phone whose clock has fallen behind. */
async function photographRefusals(page, secret) {
  const later = await serve(dataDir, TEN_MINUTES, { RESYNC: "on" });
  const { press, signIn, submitCode } = hands(page, later.address);
  await signIn("password");
  await submitCode(totpAt(fromBase32(secret), (Date.now() + TEN_MINUTES) / 1000 - 150));
  await shoot(page, "code-refused");
  await press('a[href="/login/2fa/resync"]');
  await shoot(page, "resync");
  await press("header button[type=submit]");
  await later.stop();
}

async function shoot(page, name) {
  for (const [look, { viewport, colorScheme }] of Object.entries(LOOKS)) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: path.join(folder, `${name}-${look}.png`), fullPage: true });
  }
}

/** What a person does on a page. */
function hands(page, site = "") {
  const press = (selector) =>
    Promise.all([page.waitForEvent("load"), page.locator(selector).first().click()]);
  const send = (field) => press(`form:has(${field}) button[type=submit]`);
  return {
    press,
    async signIn(password) {
      await page.goto(`${site}/login`);
      await page.fill("#username", "test");
      await page.fill("#password", password);
      await send("#password");
    },
    async submitCode(code) {
      await page.fill("#otp", code);
      await send("#otp");
    },
    async submitRecoveryCode(code) {
      await page.fill("#recovery_code", code);
      await send("#recovery_code");
    },
    secretOn: async () => (await page.textContent("#key")).replaceAll(" ", ""),
  };
}

/** The server's clock cannot be turned: an app's first codes are those of the step before this one, of this one, and so on. */
function nextCode(secret) {
  const now = Math.floor(Date.now() / 30_000);
  const step = Math.max(now - 1, (spent.get(secret) ?? 0) + 1);
  spent.set(secret, step);
  return totpAt(fromBase32(secret), step * 30);
}

/** The same code with its last character changed. */
function withTypo(code) {
  return code.slice(0, -1) + (code.endsWith("7") ? "8" : "7");
}

/** @param ahead how far its clock runs ahead, in milliseconds */
async function serve(dataDir, ahead = 0, settings = {}) {
  const env = {
    ...process.env,
    ...settings,
    NODE_ENV: "development",
    DATA_DIR: dataDir,
    PORT: "0",
    HOST: "127.0.0.1",
    BASE_URL: "",
  };
  const clock = `const now = Date.now; Date.now = () => now() + ${ahead};`;
  const server = spawn(process.execPath, ["--import", `data:text/javascript,${clock}`, "dist/main.js"], {
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
  return {
    address,
    async stop() {
      server.kill("SIGTERM");
      await new Promise((resolve) => server.once("exit", resolve));
    },
  };
}
