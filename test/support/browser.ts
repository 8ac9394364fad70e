/** Real Chromium for the stories: pages that fail the test when the browser complains. */
import jsQR from "jsqr";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { PNG } from "pngjs";
import { afterAll, beforeAll, expect, inject } from "vitest";
import { launch } from "../../scripts/chromium.mjs";

/** One browser for all tests of a file; ask for it inside a test. */
export function browserOfThisFile(): () => Browser {
  let browser: Browser;
  beforeAll(async () => {
    const chromium = inject("chromium");
    if ("problem" in chromium) throw new Error(chromium.problem);
    browser = await launch(chromium.path);
  });
  afterAll(() => browser?.close());
  return () => browser;
}

/** What the browser complained of, by page. */
const complaints = new WeakMap<Page, string[]>();

/** Opens a window of its own, without cookies. A refusal's 401 or 429 is an answer; any other console error is not. */
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
    const isRefusal = /the server responded with a status of (401|429|404)/.test(message.text());
    if (message.type() === "error" && !isRefusal) heard.push(message.text());
  });
  page.on("pageerror", (error) => heard.push(String(error)));
  return page;
}

/** Closes a window after a story without complaints. */
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
  await press(page, page.getByRole("button", { name: "Sign in" }));
}

export async function submitCode(page: Page, code: string): Promise<void> {
  await page.locator("#otp").fill(code);
  await press(page, page.locator("form:has(#otp) button[type=submit]"));
}

/** Reads the QR as a phone does: from a picture of the page. */
export async function scanQr(page: Page): Promise<URL> {
  const picture = PNG.sync.read(await page.locator("svg[role=img]").screenshot());
  const read = jsQR.default(new Uint8ClampedArray(picture.data), picture.width, picture.height);
  if (!read) throw new Error("The QR code cannot be read.");
  return new URL(read.data);
}
