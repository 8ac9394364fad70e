/** What scripts add: copying, showing the password, focus, countdowns. None of it is needed, all of it works. */
import { readFileSync } from "node:fs";
import type { Page, Route } from "playwright-core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  browserOfThisFile,
  closePage,
  codesOnSheet,
  headingOf,
  openPage,
  pathOf,
  scanQr,
  secretOf,
  setUpByQr,
  signInWith,
  submitCode,
} from "../support/browser.js";
import { createWorld, MINUTE, setUp, type World } from "../support/world.js";

const browser = browserOfThisFile();
let world: World;
let page: Page;
beforeEach(async () => {
  world = await createWorld();
  page = await openPage(browser(), world.address);
});
afterEach(async () => {
  await closePage(page);
  await world.close();
});

const focused = () => page.evaluate("document.activeElement.id");
const clipboard = () => page.evaluate<string>("navigator.clipboard.readText()");

describe("a form", () => {
  it("is sent once by two quick presses, so that the sheet that the first has made stays to be seen", async () => {
    await page.route("**/send-once*.js", (r) => r.fulfill({contentType:"text/javascript",body:""})); await page.goto("/login");
    await signInWith(page, "password");
    await page.locator("#otp").fill(world.code(secretOf(await scanQr(page))));
    const sent: Route[] = [];
    await page.route("**/login/2fa", (route) => {
      sent.push(route);
    });
    await page.getByRole("button", { name: "Confirm and sign in" }).focus();
    await page.keyboard.press("Enter");
    // Not before the first is on its way: until then Chromium by itself forgets it for the second.
    await vi.waitUntil(() => sent.length > 0);
    await page.keyboard.press("Enter");
    await page.evaluate("new Promise((resolve) => setTimeout(resolve, 200))");
    expect(sent).toHaveLength(1);
    await sent[0]?.continue();
    await page.getByRole("heading", { name: "Your recovery codes" }).waitFor();
    expect(await codesOnSheet(page)).toHaveLength(10);
  });
});

