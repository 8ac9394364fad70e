/** Times on pages: in the zone of the reader, counted down, and told before a session ends. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Page, Route } from "playwright-core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  browserOfThisFile,
  closePage,
  codesOnSheet,
  openPage,
  pathOf,
  setUpByQr,
  signInWith,
  submitCode,
} from "../support/browser.js";
import { MINUTE, openWorld, type World } from "../support/world.js";

const browser = browserOfThisFile();
let world: World;
let page: Page;
beforeEach(async () => {
  world = await openWorld();
  page = await openPage(browser(), world.address);
});
afterEach(() => closePage(page));

describe("a time on a page", () => {
  it("is in the reader's time zone before the page is painted, so that nothing moves", async () => {
    const reader = await openPage(browser(), world.address, { timezoneId: "Asia/Kolkata" });
    const held: Route[] = [];
    await reader.route("**/local-time.*.js", (route) => {
      held.push(route);
    });
    await reader.goto("/login");
    await reader.getByLabel("Username").fill("test");
    await reader.getByLabel("Password", { exact: true }).fill("password");
    await reader.getByRole("button", { name: "Continue" }).click();
    await vi.waitUntil(() => held.length > 0);
    await reader.locator("time").first().waitFor({ state: "attached" });
    const isPainted = () => reader.evaluate("performance.getEntriesByType('paint').length > 0");
    await sleep(300);
    expect(await isPainted()).toBe(false);
    await held[0]?.continue();
    await vi.waitUntil(isPainted);
    const time = reader.locator("time[data-local=clock]").last();
    expect(await time.textContent()).toMatch(/^18:\d\d$/);
    await closePage(reader);
  });
});

describe("a time that runs out", () => {
  it("is told in words, then counted down, when it is a delay", async () => {
    await page.goto("/login");
    for (let i = 0; i < 6; i++) await signInWith(page, "wrong password");
    expect(await page.getByRole("alert").textContent()).toContain("Wait 1 minute");
    const remaining = page.locator("[data-remaining]");
    await remaining.filter({ hasText: /5\d seconds/ }).waitFor();
  });

  it("is announced two minutes before, when it is a session's, and one click extends it", async () => {
    await page.goto("/login");
    await signInWith(page, "password");
    const secret = (await page.locator("#key").textContent())?.replaceAll(" ", "") ?? "";
    await submitCode(page, world.code(secret));
    await page.goto("/account");
    expect(await page.locator("#session-end").textContent()).toBe("");

    await page.clock.install();
    await page.goto("/account");
    world.advance(59 * MINUTE);
    await page.clock.runFor(59 * MINUTE);
    const warning = page.locator("#session-end .alert-warning");
    await warning.waitFor();
    await Promise.all([page.waitForEvent("load"), warning.getByRole("link").click()]);
    world.advance(30 * MINUTE);
    expect((await page.goto("/account"))?.status()).toBe(200);
    expect(new URL(page.url()).pathname).toBe("/account");
  });

  it("leaves new recovery codes on the page: a new tab extends the session", async () => {
    await page.goto("/login");
    await signInWith(page, "password");
    await page.clock.install();
    const { codes } = await setUpByQr(page, world);
    world.advance(59 * MINUTE);
    await page.clock.runFor(59 * MINUTE);
    const warning = page.locator("#session-end .alert-warning");
    const [tab] = await Promise.all([
      page.context().waitForEvent("page"),
      warning.getByRole("link", { name: /new tab/ }).click(),
    ]);
    await tab.waitForLoadState();
    expect(pathOf(tab)).toBe("/account");
    expect(await codesOnSheet(page)).toEqual(codes);

    // The session of this tab has begun again, so that at the old end nothing is said.
    world.advance(5 * MINUTE);
    await page.clock.runFor(5 * MINUTE);
    expect(await page.locator("#session-end").textContent()).toBe("");
    expect((await tab.reload())?.status()).toBe(200);
    expect(pathOf(tab)).toBe("/account");
  });
});
