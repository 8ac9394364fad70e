/** The page of new recovery codes: copied, printed, downloaded, guarded while they are unsaved, and back again for a while. */
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RECOVERY_CODES, RECOVERY_CODES_SHOWN_MS } from "../../src/auth/policy.js";
import {
  browserOfThisFile,
  closePage,
  codesOnSheet,
  openPage,
  pathOf,
  press,
  reasonShown,
  setUpByQr,
  signInWith,
  submitRecoveryCode,
} from "../support/browser.js";
import { messagesOn } from "../support/visitor.js";
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
    await page.getByRole("button", { name: "Copy" }).click();
    await page.getByRole("status").filter({ hasText: "Copied" }).waitFor();
    expect((await clipboard()).split("\n")).toEqual([
      "Recovery codes for test at Latchkey",
      `Set 1, 24 Nov 2026, 127.0.0.1:${world.port}`,
      ...codes,
    ]);
  });

  it("are printed without the page around them, black on white whatever the screen's colours", async () => {
    await page.evaluate("window.print = () => { window.printed = true }");
    await page.getByRole("button", { name: "Print" }).click();
    expect(await page.evaluate("window.printed")).toBe(true);

    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    for (const code of codes) expect(await page.getByText(code).isVisible()).toBe(true);
    const all = await page.evaluate<string>("document.body.innerText");
    expect(all.trim()).toBe(await page.evaluate("document.getElementById('sheet').innerText.trim()"));
    expect(await page.getByText(`open ${world.address}/login, enter your password`).isVisible()).toBe(true);
    const boxes = await page.evaluate<string[]>(`[...document.querySelectorAll("#sheet li")].map((line) => {
      const { width, height, borderTopStyle } = getComputedStyle(line, "::after");
      return [Math.round(parseFloat(width)) === Math.round(parseFloat(height)), borderTopStyle].join(" ");
    })`);
    expect(boxes).toEqual(codes.map(() => "true solid"));
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
    expect(await plain.locator("noscript p").isVisible()).toBe(true);
    await plain.reload();
    expect(await codesOnSheet(plain)).toHaveLength(RECOVERY_CODES);
    await press(plain, plain.getByRole("button", { name: "Check later" }));
    expect(pathOf(plain)).toBe("/");
    await closePage(plain);
  });

  it("leave no way out of the page but its own buttons", async () => {
    expect(await page.locator("nav, .band a, .band button").count()).toBe(0);
    const links = await page.locator("a[href]:not([download])").count();
    const buttons = await page.locator("button:visible").allTextContents();
    expect([links, buttons]).toEqual([0, ["Print", "Copy", "Check and finish", "Check later"]]);
  });

  it("are shown again by a reload and by Back, and not once they are put off", async () => {
    await page.reload();
    expect(await codesOnSheet(page)).toEqual(codes);
    await page.goto("/account/history");
    await page.goBack();
    expect(await codesOnSheet(page)).toEqual(codes);
    await press(page, page.getByRole("button", { name: "Check later" }));
    expect(pathOf(page)).toBe("/");
    await page.goBack();
    expect(pathOf(page)).toBe("/account");
    expect(messagesOn(await page.content())).toContain("codes-gone");
    expect(await page.content()).not.toContain(codes[0]);
  });

  it("are asked for again when the browser brings their page back from its memory", async () => {
    // Playwright switches the back/forward cache off; the event is what is left of it.
    const restore = () =>
      Promise.all([
        page.waitForEvent("load"),
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"),
      ]);
    await submitRecoveryCode(page, "nonsense");
    await restore();
    expect(pathOf(page)).toBe("/account/recovery-codes/current");
    expect(await codesOnSheet(page)).toEqual(codes);
    world.advance(RECOVERY_CODES_SHOWN_MS);
    await restore();
    expect(pathOf(page)).toBe("/account");
  });

  it("have the field in view, and stay on the page, after six digits were refused on a phone", async () => {
    await page.setViewportSize({ width: 390, height: 664 });
    await submitRecoveryCode(page, "123456");
    expect(await reasonShown(page)).toBe("code-for-recovery-code");
    expect(await page.evaluate("document.activeElement.className")).toContain("problem-summary");
    const field = await page.locator("#recovery_code").boundingBox();
    expect((field?.y ?? 999) + (field?.height ?? 0)).toBeLessThan(664);
    expect(await codesOnSheet(page)).toEqual(codes);
    await submitRecoveryCode(page, codes[2] ?? "");
    expect(messagesOn(await page.content())).toContain("codes-checked");
  });

  describe("that nobody has saved", () => {
    /** Whether the browser asks before it leaves. It asks only where somebody has touched the page. */
    async function asks(): Promise<boolean> {
      let asked = false;
      page.once("dialog", (dialog) => {
        asked = dialog.type() === "beforeunload";
        return dialog.accept();
      });
      await page.goto("/account/history");
      return asked;
    }

    it("make the browser ask before it leaves the page", async () => {
      await page.locator("h1").click();
      expect(await asks()).toBe(true);
    });

    it.each([
      ["downloaded", () => download(page)],
      ["copied", () => page.getByRole("button", { name: "Copy" }).click()],
      ["printed", () => page.evaluate("dispatchEvent(new Event('beforeprint'))")],
    ])("are no reason to ask once they were %s", async (_how, save) => {
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.locator("h1").click();
      await save();
      expect(await asks()).toBe(false);
    });

    it("are no reason to ask when one is typed back or their check is put off", async () => {
      const asked: string[] = [];
      page.on("dialog", (dialog) => {
        asked.push(dialog.type());
        return dialog.accept();
      });
      await submitRecoveryCode(page, "nonsense");
      await page.locator("h1").click();
      await press(page, page.getByRole("button", { name: "Check later" }));
      expect(asked).toEqual([]);
    });
  });

  /** Downloads the codes, reads the text, and returns the file's name. */
  async function download(from: Page): Promise<string> {
    const link = from.getByRole("link", { name: "Download" });
    const [file] = await Promise.all([from.waitForEvent("download"), link.click()]);
    const text = readFileSync(await file.path(), "utf8");
    expect(text).toContain("Recovery codes for test at Latchkey");
    expect(text).toMatch(/^Set \d, 24 Nov 2026, /m);
    for (const code of await codesOnSheet(from)) expect(text).toContain(code);
    return file.suggestedFilename();
  }
});
