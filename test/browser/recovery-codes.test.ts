/** The page of new recovery codes: copied, printed, downloaded, and not shown again. */
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RECOVERY_CODES } from "../../src/auth/policy.js";
import {
  browserOfThisFile,
  closePage,
  codesOnSheet,
  openPage,
  pathOf,
  setUpByQr,
  signInWith,
} from "../support/browser.js";
import { openWorld, type World } from "../support/world.js";

const browser = browserOfThisFile();
let world: World;
let page: Page;
beforeEach(async () => {
  world = await openWorld();
  page = await openPage(browser(), world.address);
});
afterEach(() => closePage(page));

const clipboard = () => page.evaluate<string>("navigator.clipboard.readText()");

describe("new recovery codes", () => {
  let codes: string[];
  beforeEach(async () => {
    await page.goto("/login");
    await signInWith(page, "password");
    ({ codes } = await setUpByQr(page, world));
    expect(codes).toHaveLength(RECOVERY_CODES);
  });

  it("are copied one a line, under what they are for", async () => {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "Copy the codes" }).click();
    await page.getByRole("status").filter({ hasText: "Copied" }).waitFor();
    expect((await clipboard()).split("\n")).toEqual([
      "Recovery codes for test at Latchkey",
      `Set 1, made on 24 November 2026, for 127.0.0.1:${world.port}`,
      ...codes,
    ]);
  });

  it("are printed without the page around them, black on white whatever the screen's colours", async () => {
    await page.evaluate("window.print = () => { window.printed = true }");
    await page.getByRole("button", { name: "Print the sheet" }).click();
    expect(await page.evaluate("window.printed")).toBe(true);

    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    for (const code of codes) expect(await page.getByText(code).isVisible()).toBe(true);
    const all = await page.evaluate<string>("document.body.innerText");
    expect(all.trim()).toBe(await page.evaluate("document.getElementById('sheet').innerText.trim()"));
    for (const elsewhere of ["header", "footer", "form", "button", "input", "a", "summary"]) {
      const shown = await page.locator(`${elsewhere}:visible`).count();
      expect([elsewhere, shown]).toEqual([elsewhere, 0]);
    }
    const colours = await page.evaluate(`["body", ".card", "#sheet", "#sheet code"].map((part) => {
      const { backgroundColor, color } = getComputedStyle(document.querySelector(part));
      return [backgroundColor.replace("rgba(0, 0, 0, 0)", "rgb(255, 255, 255)"), color];
    })`);
    expect(colours).toEqual(Array(4).fill(["rgb(255, 255, 255)", "rgb(0, 0, 0)"]));
  });

  it("are downloaded under a name that says service, account and date", async () => {
    expect(await download(page)).toBe("latchkey-recovery-codes-test-2026-11-24.txt");
    expect(await page.locator("#sheet").isVisible()).toBe(true);
  });

  it("are downloaded without scripts, and no button is there that needs scripts", async () => {
    await world.auth.resetSecondFactor("test");
    const plain = await openPage(browser(), world.address, { javaScriptEnabled: false });
    await plain.goto("/login");
    await signInWith(plain, "password");
    await setUpByQr(plain, world);
    expect(await download(plain)).toBe("latchkey-recovery-codes-test-2026-11-24.txt");
    expect(await plain.getByRole("button", { name: /Print|Copy/ }).count()).toBe(0);
    expect(await plain.getByText("use your browser’s own Print").isVisible()).toBe(true);
    await closePage(plain);
  });

  it("are neither shown nor made again by a reload, which says that they are valid", async () => {
    await page.reload();
    expect(pathOf(page)).toBe("/account");
    expect(await page.locator(".alert[role=status]").first().isVisible()).toBe(true);
    expect(await page.content()).not.toContain(codes[0]);
  });

  /** Downloads the codes, reads the text, and returns the file's name. */
  async function download(from: Page): Promise<string> {
    const link = from.getByRole("link", { name: "Download the codes" });
    const [file] = await Promise.all([from.waitForEvent("download"), link.click()]);
    const text = readFileSync(await file.path(), "utf8");
    expect(text).toContain("Recovery codes for test at Latchkey");
    expect(text).toContain("24 November 2026");
    for (const code of await codesOnSheet(from)) expect(text).toContain(code);
    return file.suggestedFilename();
  }
});
