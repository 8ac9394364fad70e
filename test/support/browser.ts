/** Real Chromium for the stories. A page fails the test when the browser complains about it. */
import jsQR from "jsqr";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { PNG } from "pngjs";
import { afterAll, beforeEach, expect, inject } from "vitest";
import { launch } from "../../scripts/chromium.mjs";
import { skipWithout } from "./skip.js";
import { reasonOn } from "./visitor.js";
import type { World } from "./world.js";

/** One browser for all tests of a file, with more words on its command line or not; ask for it inside a test. */
export function browserOfThisFile(more: string[] = []): () => Browser {
  let browser: Browser | undefined;
  beforeEach(async () => {
    const chromium = inject("chromium");
    if ("problem" in chromium) skipWithout(chromium.problem);
    browser ??= await launch(chromium.path, more);
  });
  afterAll(() => browser?.close());
  return () => {
    if (!browser) throw new Error("Ask for the browser inside a test.");
    return browser;
  };
}

/** What the browser complained about, by page. */
const complaints = new WeakMap<Page, string[]>();

/** Opens a window of its own, without cookies. A 410 and a refusal's 401, 422 or 429 are answers; any other console error is not. */
export async function openPage(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ baseURL: address, ...options });
  const page = await context.newPage();
  const heard: string[] = [];
  complaints.set(page, heard);
  page.on("console", (message) => {
    const isRefusal = /the server responded with a status of (401|404|410|422|429)/.test(message.text());
    if (message.type() === "error" && !isRefusal) heard.push(message.text());
  });
  page.on("pageerror", (error) => heard.push(String(error)));
  return page;
}

/** Closes a window, and fails when the browser complained about it. */
export async function closePage(page: Page): Promise<void> {
  expect(complaints.get(page)).toEqual([]);
  await page.context().close();
}

/** Presses a button that leads to another page, and waits for that page. */
export async function press(page: Page, button: Locator): Promise<void> {
  await Promise.all([page.waitForEvent("load"), button.click()]);
}

export async function signInWith(page: Page, password: string, username = "test"): Promise<void> {
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await press(page, page.locator("form:has(#password) button[type=submit]"));
}

export async function submitCode(page: Page, code: string): Promise<void> {
  await page.locator("#otp").fill(code);
  await press(page, page.locator("form:has(#otp) button[type=submit]"));
}

export async function submitRecoveryCode(page: Page, code: string): Promise<void> {
  await page.locator("#recovery_code").fill(code);
  await press(page, page.locator("form:has(#recovery_code) button[type=submit]"));
}

/** Proves both factors again on /confirm. */
export async function confirmWith(page: Page, password: string, code: string): Promise<void> {
  await page.getByLabel("Password", { exact: true }).fill(password);
  await submitCode(page, code);
}

/** After the password: sets up the app that scans the QR code. The page then shows these recovery codes. */
export async function setUpByQr(page: Page, world: World): Promise<{ secret: string; codes: string[] }> {
  const secret = secretOf(await scanQr(page));
  await submitCode(page, world.code(secret));
  world.advance(30_000);
  return { secret, codes: await codesOnSheet(page) };
}

/** After the password: types the code that the app shows, and waits for the next. */
export async function signInByCode(page: Page, world: World, secret: string): Promise<void> {
  await submitCode(page, world.code(secret));
  world.advance(30_000);
}

export async function signOut(page: Page): Promise<void> {
  await press(page, page.getByRole("button", { name: "Sign out", exact: true }));
}

/** The recovery codes on the page, in order. */
export function codesOnSheet(page: Page): Promise<string[]> {
  return page.locator("#sheet code").allTextContents();
}

export function secretOf(uri: URL): string {
  return uri.searchParams.get("secret") ?? "";
}

export function pathOf(page: Page): string {
  return new URL(page.url()).pathname;
}

/** Why the page refused what was sent: its `data-reason`. */
export async function reasonShown(page: Page): Promise<string | undefined> {
  return reasonOn(await page.content());
}

/** Who is signed in, as the home page says; undefined where it says nobody. */
export async function accountShown(page: Page): Promise<string | undefined> {
  return (await page.locator("h1 b").allTextContents())[0];
}

export async function headingOf(page: Page): Promise<string | null> {
  return page.getByRole("heading", { level: 1 }).textContent();
}

/** Reads the QR code as a phone does: from a picture of the page. After a refusal it opens the disclosure first. */
export async function scanQr(page: Page): Promise<URL> {
  const drawing = page.locator("svg[role=img]");
  if (!(await drawing.isVisible())) await page.locator("details:has(> .qr-box) > summary").click();
  const picture = PNG.sync.read(await drawing.screenshot());
  const read = jsQR.default(new Uint8ClampedArray(picture.data), picture.width, picture.height);
  if (!read) throw new Error("The QR code cannot be read.");
  return new URL(read.data);
}
