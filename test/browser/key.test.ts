/** The key of the set-up page: copied by a button, and told by no QR code's name. */
import type { Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { browserOfThisFile, closePage, openPage, signInWith } from "../support/browser.js";
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

describe("the key of an authenticator", () => {
  beforeEach(async () => {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.goto("/login");
    await signInWith(page, "password");
    await page.getByText("Type a key instead").click();
  });

  it("is copied without its spaces, announced, and the focus stays", async () => {
    const button = page.getByRole("button", { name: "Copy the key" });
    await button.click();
    const status = page.getByRole("status").filter({ hasText: "Copied" });
    await status.waitFor();
    const shown = await page.locator("#key").textContent();
    expect(shown).toMatch(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
    expect(await clipboard()).toBe(shown?.replaceAll(" ", ""));
    expect(await page.evaluate("document.activeElement.dataset.copy")).toBe("key");
  });

  it("is copied when there is no Clipboard API", async () => {
    await page.evaluate(
      "Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true })",
    );
    await page.getByRole("button", { name: "Copy the key" }).click();
    await page.getByRole("status").filter({ hasText: "Copied" }).waitFor();
    await page.evaluate("delete navigator.clipboard");
    expect(await clipboard()).toBe((await page.locator("#key").textContent())?.replaceAll(" ", ""));
  });

  it("stays selected when the browser refuses to copy, and that is announced", async () => {
    await page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })");
    await page.evaluate("document.execCommand = () => false");
    await page.getByRole("button", { name: "Copy the key" }).click();
    const status = page.getByRole("status").filter({ hasText: "did not allow that" });
    await status.waitFor();
    expect(await status.textContent()).toContain("The text is selected");
    expect(await page.evaluate("String(getSelection())")).toBe(await page.locator("#key").textContent());
  });

  it("has a QR code whose label reveals neither the secret nor the key URI", async () => {
    const name = await page.locator("svg[role=img]").getAttribute("aria-label");
    const key = (await page.locator("#key").textContent()) ?? "";
    expect(name?.length).toBeGreaterThan(20);
    expect(name).not.toContain(key.slice(0, 4));
    expect(name).not.toContain("otpauth");
  });
});
