/** What scripts add: copying, showing the password, focus, countdowns. None of it is needed, all of it works. */
import type { Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { browserOfThisFile, closePage, openPage, signInWith, submitCode } from "../support/browser.js";
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

describe("the key", () => {
  const clipboard = () => page.evaluate<string>("navigator.clipboard.readText()");

  beforeEach(async () => {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.goto("/login");
    await signInWith(page, "password");
  });

  it("is copied without its spaces, said aloud, and the focus stays", async () => {
    const button = page.getByRole("button", { name: "Copy the key" });
    await button.click();
    const status = page.getByRole("status").filter({ hasText: "Copied" });
    await status.waitFor();
    const shown = await page.locator("#key").textContent();
    expect(shown).toMatch(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
    expect(await clipboard()).toBe(shown?.replaceAll(" ", ""));
    expect(await page.evaluate("document.activeElement.dataset.copy")).toBe("key");
  });

  it("is copied without the Clipboard API too", async () => {
    await page.evaluate(
      "Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true })",
    );
    await page.getByRole("button", { name: "Copy the key" }).click();
    await page.getByRole("status").filter({ hasText: "Copied" }).waitFor();
    await page.evaluate("delete navigator.clipboard");
    expect(await clipboard()).toBe((await page.locator("#key").textContent())?.replaceAll(" ", ""));
  });

  it("stays selected when the browser refuses to copy, and that is said", async () => {
    await page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })");
    await page.evaluate("document.execCommand = () => false");
    await page.getByRole("button", { name: "Copy the key" }).click();
    await page.getByRole("status").filter({ hasText: "did not allow copying" }).waitFor();
    expect(await page.evaluate("String(getSelection())")).toBe(await page.locator("#key").textContent());
  });

  it("has a QR whose name tells neither the secret nor its address", async () => {
    const name = await page.locator("svg[role=img]").getAttribute("aria-label");
    const key = (await page.locator("#key").textContent()) ?? "";
    expect(name?.length).toBeGreaterThan(20);
    expect(name).not.toContain(key.slice(0, 4));
    expect(name).not.toContain("otpauth");
  });
});

describe("the password field", () => {
  beforeEach(async () => {
    await page.goto("/login");
  });

  it("shows what was typed, renames its button, and hides it when the form is sent", async () => {
    const field = page.locator("#password");
    await field.fill("not the password");
    await page.getByRole("button", { name: "Show password" }).click();
    expect(await field.getAttribute("type")).toBe("text");
    await page.getByRole("button", { name: "Hide password" }).click();
    expect(await field.getAttribute("type")).toBe("password");
    await page.getByRole("button", { name: "Show password" }).click();
    await page.evaluate(
      "addEventListener('submit', (event) => { event.preventDefault(); window.typeWhenSent = document.getElementById('password').type })",
    );
    await page.getByRole("button", { name: "Sign in" }).click();
    expect(await page.evaluate("window.typeWhenSent")).toBe("password");
  });

  it("has no such button without scripts", async () => {
    const plain = await openPage(browser(), world.address, { javaScriptEnabled: false });
    await plain.goto("/login");
    expect(await plain.getByRole("button").count()).toBe(1);
    await closePage(plain);
  });

  it("is made for password managers", async () => {
    expect(await page.locator("#username").getAttribute("autocomplete")).toBe("username");
    expect(await page.locator("#password").getAttribute("autocomplete")).toBe("current-password");
    expect(await page.locator("[maxlength], [onpaste], form:not([novalidate])").count()).toBe(0);
  });
});

describe("a refusal", () => {
  it("takes the focus, links to its field, and is tied to it", async () => {
    await page.goto("/login");
    await signInWith(page, "password");
    await submitCode(page, "12345");
    expect(await page.title()).toMatch(/^Error: /);
    expect(await page.evaluate("document.activeElement.getAttribute('role')")).toBe("alert");
    const field = page.locator("#otp");
    expect(await field.getAttribute("aria-invalid")).toBe("true");
    const ids = (await field.getAttribute("aria-describedby"))?.split(" ") ?? [];
    const described = await Promise.all(ids.map((id) => page.locator(`#${id}`).textContent()));
    expect(described.join()).toContain("A code is six digits");
    await page.getByRole("alert").getByRole("link").click();
    expect(await focused()).toBe("otp");
  });

  it("takes the focus without scripts too", async () => {
    const plain = await openPage(browser(), world.address, { javaScriptEnabled: false });
    await plain.goto("/login");
    await signInWith(plain, "wrong password");
    expect(await plain.locator("[role=alert]:focus").count()).toBe(1);
    await closePage(plain);
  });
});

describe("the code field", () => {
  it("is one plain field that phones fill from the app", async () => {
    const visitor = world.visitor();
    await setUp(world, visitor);
    await page.goto("/login");
    await signInWith(page, "password");
    const field = page.locator("#otp");
    expect(await field.getAttribute("type")).toBe("text");
    expect(await field.getAttribute("inputmode")).toBe("numeric");
    expect(await field.getAttribute("autocomplete")).toBe("one-time-code");
    expect(await focused()).toBe("otp");
    expect(await page.locator("input:not([type=hidden])").count()).toBe(1);
  });
});

describe("time", () => {
  it("of a delay is told in words, then counted down", async () => {
    await page.goto("/login");
    for (let i = 0; i < 6; i++) await signInWith(page, "wrong password");
    expect(await page.getByRole("alert").textContent()).toContain("Wait 1 minute");
    const remaining = page.locator("[data-remaining]");
    await remaining.filter({ hasText: /5\d seconds/ }).waitFor();
  });

  it("that runs out is said two minutes before, and one click extends a session", async () => {
    await page.goto("/login");
    await signInWith(page, "password");
    const secret = (await page.locator("#key").textContent())?.replaceAll(" ", "") ?? "";
    await submitCode(page, world.code(secret));
    await page.goto("/account");
    expect(await page.getByText("Your session ends").count()).toBe(0);

    await page.clock.install();
    await page.goto("/account");
    world.wait(59 * MINUTE);
    await page.clock.runFor(59 * MINUTE);
    const warning = page.getByRole("status").filter({ hasText: "Your session ends" });
    await warning.waitFor();
    await Promise.all([page.waitForEvent("load"), warning.getByRole("link").click()]);
    world.wait(30 * MINUTE);
    expect((await page.goto("/account"))?.status()).toBe(200);
    expect(new URL(page.url()).pathname).toBe("/account");
  });
});
