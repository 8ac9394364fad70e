/** The fields of forms: a password that can be shown, a code that phones fill in, and a refusal tied to its field. */
import type { Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  browserOfThisFile,
  closePage,
  openPage,
  reasonShown,
  signInWith,
  submitCode,
} from "../support/browser.js";
import { setUp } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

const browser = browserOfThisFile();
let world: World;
let page: Page;
beforeEach(async () => {
  world = await openWorld();
  page = await openPage(browser(), world.address);
});
afterEach(() => closePage(page));

const focused = () => page.evaluate("document.activeElement.id");

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
    await page.locator("form:has(#password) button[type=submit]").click();
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
    expect(await page.locator("input:not([type=hidden], [type=checkbox])").count()).toBe(1);
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
    expect(ids).toContain("otp-problem");
    for (const id of ids) expect(await page.locator(`#${id}`).textContent(), id).toMatch(/\w/);
    expect(await reasonShown(page)).toBe("not-a-code");
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
