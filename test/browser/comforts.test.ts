/** What scripts add: copying, showing the password, focus, countdowns. None of it is needed, all of it works. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
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
import { setUp } from "../support/sign-in.js";
import { MINUTE, openWorld, type World } from "../support/world.js";

const browser = browserOfThisFile();
let world: World;
let page: Page;
beforeEach(async () => {
  world = await openWorld();
  page = await openPage(browser(), world.address);
});
afterEach(async () => {
  await closePage(page);
  await world.close();
});

const focused = () => page.evaluate("document.activeElement.id");
const clipboard = () => page.evaluate<string>("navigator.clipboard.readText()");

describe("the key", () => {
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
    const status = page.getByRole("status").filter({ hasText: "did not allow copying" });
    await status.waitFor();
    expect(await status.textContent()).toContain("The text is selected");
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

describe("the sheet of recovery codes", () => {
  let codes: string[];
  beforeEach(async () => {
    await page.goto("/login");
    await signInWith(page, "password");
    ({ codes } = await setUpByQr(page, world));
    expect(codes).toHaveLength(10);
  });

  it("is copied a code a line, under what it is for", async () => {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "Copy the codes" }).click();
    await page.getByRole("status").filter({ hasText: "Copied" }).waitFor();
    expect((await clipboard()).split("\n")).toEqual([
      "Recovery codes for test at Latchkey",
      `Set 1, made on 24 November 2026, for 127.0.0.1:${world.port}`,
      ...codes,
    ]);
  });

  it("is printed without the page around it, black on white whatever the screen's scheme", async () => {
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

  it("is downloaded under a name that tells service, account and date", async () => {
    expect(await download(page)).toBe("latchkey-recovery-codes-test-2026-11-24.txt");
    expect(await headingOf(page)).toBe("Your recovery codes");
  });

  it("is downloaded without scripts too, where nothing is offered that would need them", async () => {
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

  it("is not shown or made again by a reload, which says that it is valid", async () => {
    await page.reload();
    expect(pathOf(page)).toBe("/account");
    const said = page.getByRole("status").filter({ hasText: "set 1 is valid, and no other was made" });
    expect(await said.isVisible()).toBe(true);
    expect(await page.content()).not.toContain(codes[0]);
  });

  /** Downloads the text, looks into it, and answers with the file's name. */
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

describe("a form", () => {
  it("is sent once by two quick presses, so that the sheet that the first has made stays to be seen", async () => {
    await page.goto("/login");
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
    await sleep(200);
    expect(sent).toHaveLength(1);
    await sent[0]?.continue();
    await page.getByRole("heading", { name: "Your recovery codes" }).waitFor();
    expect(await codesOnSheet(page)).toHaveLength(10);
  });
});

describe("a time", () => {
  it("is in the reader's zone before the page is seen, so that nothing moves under the eye", async () => {
    const reader = await openPage(browser(), world.address, { timezoneId: "Asia/Kolkata" });
    const held: Route[] = [];
    await reader.route("**/local-time.*.js", (route) => {
      held.push(route);
    });
    await reader.goto("/login");
    await reader.getByLabel("Username").fill("test");
    await reader.getByLabel("Password", { exact: true }).fill("password");
    await reader.getByRole("button", { name: "Sign in" }).click();
    await vi.waitUntil(() => held.length > 0);
    await reader.locator("time").first().waitFor({ state: "attached" });
    const isPainted = () => reader.evaluate("performance.getEntriesByType('paint').length > 0");
    await sleep(300);
    expect(await isPainted()).toBe(false);
    await held[0]?.continue();
    await vi.waitUntil(isPainted);
    const time = reader.locator("time[data-local=clock]").last();
    expect(await time.textContent()).toMatch(/^17:\d\d$/);
    await closePage(reader);
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
    expect(await page.locator("input:not([type=hidden], [type=checkbox])").count()).toBe(1);
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

  it("runs out beside the sheet without taking it away: a new tab extends the session", async () => {
    await page.goto("/login");
    await signInWith(page, "password");
    await page.clock.install();
    const { codes } = await setUpByQr(page, world);
    world.wait(59 * MINUTE);
    await page.clock.runFor(59 * MINUTE);
    const warning = page.getByRole("status").filter({ hasText: "Your session ends" });
    const [tab] = await Promise.all([
      page.context().waitForEvent("page"),
      warning.getByRole("link", { name: /opens a new tab/ }).click(),
    ]);
    await tab.waitForLoadState();
    expect(pathOf(tab)).toBe("/account");
    expect(await codesOnSheet(page)).toEqual(codes);

    // The time of this tab begins anew: it says nothing untrue when the old end has come.
    world.wait(5 * MINUTE);
    await page.clock.runFor(5 * MINUTE);
    expect(await page.locator("#session-end").textContent()).toBe("");
    expect((await tab.reload())?.status()).toBe(200);
    expect(pathOf(tab)).toBe("/account");
  });
});
