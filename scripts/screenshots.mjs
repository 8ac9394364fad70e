/** `npm run screenshots`: photographs the pages of the real app (sign-in, a lost phone, the account) for docs/tour.md. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
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

/** The pages name the system's font. This machine's is one that few people have; Inter is close to theirs. Pages never load it. */
const INTER = readFileSync(
  fileURLToPath(import.meta.resolve("@fontsource-variable/inter/files/inter-latin-wght-normal.woff2")),
);
const FACE = `@font-face { font-family: Inter; font-weight: 100 900; src: url(data:font/woff2;base64,${INTER.toString("base64")}) }
:root { --bs-body-font-family: Inter; --bs-font-sans-serif: Inter }`;

const TEN_MINUTES = 600_000;

/** The parameters of an app that ignores the QR code's, for a refused code. */
const SHA256 = { algorithm: "SHA256", digits: 6, period: 30 };

/** The last time step whose code was typed, by secret. */
const spent = new Map();

/** User agents of common browsers, for the device names on the account page. */
const LAPTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:152.0) Gecko/20100101 Firefox/152.0";
const PHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 19_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.5 Mobile/15E148 Safari/604.1";

await buildIfStale();
const { fromBase32, totpAt } = await import("../dist/otp.js");
mkdirSync(folder, { recursive: true });
const dataDir = mkdtempSync(path.join(tmpdir(), "latchkey-screenshots-"));
/** It starts in the past, so that a phone's clock can be behind later without a page that tells of the future. */
let server = await serve(dataDir, { ago: TEN_MINUTES });
/** Without the Content-Security-Policy, which forbids the pictures' font. */
const VISIT = { baseURL: server.address, bypassCSP: true };
const browser = await launch(await findChromium());
try {
  await photographAll();
} finally {
  await browser.close();
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** Visits every page once and photographs it in all looks, because some pages are shown only once. */
async function photographAll() {
  const page = await browser.newPage({ ...VISIT, userAgent: LAPTOP });
  const { press, signIn, submitCode, submitRecoveryCode, secretOn, idOfApp } = actionsOn(page);

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
  const tenMinutesAgo = Date.now() - TEN_MINUTES;
  await submitCode(totpAt(fromBase32(oldSecret), tenMinutesAgo / 1000, SHA256));
  await shoot(page, "set-up-refused");
  await submitCode(totpAt(fromBase32(oldSecret), tenMinutesAgo / 1000));
  await shoot(page, "recovery-codes");
  const codes = (await page.locator("#sheet li").allTextContents()).map((code) => code.trim());
  await submitRecoveryCode(withTypo(codes[0]));
  await shoot(page, "recovery-check-refused");
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
  await shoot(page, "replace-app");
  const secret = await secretOn();
  await submitCode(nextCode(secret));
  await page.goto("/account");
  await page.goto(`/account/authenticators/${await idOfApp()}/remove`);
  await shoot(page, "remove-last");
  await page.goto("/account/authenticators/new");
  await page.goto("/dev/authenticator");
  await shoot(page, "dev-authenticator");
  await page.goBack();
  await page.fill("#name", "KeePassXC");
  await submitCode(nextCode(await secretOn()));
  await page.goto("/account");
  await press('a[href$="/remove"]');
  await shoot(page, "remove");
  await page.goto("/account/recovery-codes");
  await shoot(page, "make-recovery-codes");
  await page.goto("/account/password");
  await shoot(page, "password");
  await page.fill("#current_password", "password");
  await page.fill("#new_password", "qwertyuiop");
  await press("main form:has(#new_password) button[type=submit]");
  await shoot(page, "password-refused");
  await page.goto("/confirm?next=%2Faccount%2Fpassword");
  await shoot(page, "confirm");

  // Signs in on a second browser, which becomes trusted.
  const phone = await browser.newPage({ ...VISIT, userAgent: PHONE });
  await actionsOn(phone).signIn("password");
  await phone.check("#trust_device");
  await actionsOn(phone).submitCode(nextCode(secret));
  await page.goto("/account");
  await shoot(page, "account");
  await page.goto("/account/history");
  await shoot(page, "history");
  await page.goto("/account/history?show=problems");
  await shoot(page, "history-problems");
}

/** Photographs refused codes, ten minutes later: the phone's clock is 150 seconds behind. */
async function photographRefusals(page, secret) {
  await server.stop();
  server = await serve(dataDir, { port: new URL(server.address).port, settings: { RESYNC: "on" } });
  const { press, signIn, submitCode } = actionsOn(page);
  await signIn("password");
  await submitCode(totpAt(fromBase32(secret), Date.now() / 1000 - 150));
  await shoot(page, "code-refused");
  await press('a[href="/login/2fa/resync"]');
  await shoot(page, "resync");
  await press("header button[type=submit]");
}

async function shoot(page, name) {
  await page.addStyleTag({ content: FACE });
  await page.evaluate(() => document.fonts.ready);
  for (const [look, { viewport, colorScheme }] of Object.entries(LOOKS)) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: path.join(folder, `${name}-${look}.png`), fullPage: true });
  }
}

/** The actions of a person on a page. */
function actionsOn(page) {
  const press = (selector) =>
    Promise.all([page.waitForEvent("load"), page.locator(selector).first().click()]);
  const send = (field) => press(`form:has(${field}) button[type=submit]`);
  return {
    press,
    async signIn(password) {
      await page.goto("/login");
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
    /** The id of the first app on the account page, which links to its replacement. */
    async idOfApp() {
      const href = await page.locator('a[href*="replaces="]').first().getAttribute("href");
      return new URL(href, "http://localhost").searchParams.get("replaces");
    },
  };
}

/**
 * A code that was not used yet. Each step's code works once and the clock is real, so it begins with the previous time step's
 * code.
 */
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

/** @param ago how far its clock is behind, in milliseconds */
async function serve(dataDir, { ago = 0, port = "0", settings = {} }) {
  const env = {
    ...process.env,
    ...settings,
    NODE_ENV: "development",
    DATA_DIR: dataDir,
    PORT: port,
    HOST: "127.0.0.1",
    BASE_URL: "",
  };
  const clock = `const now = Date.now; Date.now = () => now() - ${ago};`;
  const child = spawn(process.execPath, ["--import", `data:text/javascript,${clock}`, "dist/main.js"], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const address = await new Promise((resolve, reject) => {
    child.stdout.on("data", (chunk) => {
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(String(chunk))?.[0];
      if (found) resolve(found);
    });
    child.once("exit", () => reject(new Error("The server did not start.")));
  });
  return {
    address,
    async stop() {
      child.kill("SIGTERM");
      await new Promise((resolve) => child.once("exit", resolve));
    },
  };
}
