/** High-contrast themes, dark on light and light on dark: focus, ticks and the edges of fields are seen (WCAG 2.2, 1.4.11 and 2.4.7). */
import type { Locator, Page } from "playwright-core";
import { PNG } from "pngjs";
import { beforeEach, describe, expect, it } from "vitest";
import { browserOfThisFile, closePage, openPage, signInWith } from "../support/browser.js";
import { enrolled } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

const browser = browserOfThisFile();

let world: World;
beforeEach(async () => {
  world = await openWorld();
});

describe.each(["light", "dark"] as const)("forced colours on a %s theme", (colorScheme) => {
  it("show the focus of every control of the way in", async () => {
    await enrolled(world);
    const page = await openPage(browser(), world.address, { forcedColors: "active", colorScheme });
    await page.goto("/login");
    await expectVisibleFocus(page);
    await signInWith(page, "password");
    await expectVisibleFocus(page);
    await closePage(page);
  });

  it("show whether a box is ticked, and where a field is", async () => {
    await enrolled(world);
    const page = await openPage(browser(), world.address, { forcedColors: "active", colorScheme });
    await page.goto("/login");
    await signInWith(page, "password");
    const box = page.locator("#trust_device");
    const empty = await picture(box);
    await box.check();
    await page.locator("h1").click();
    expect(changedPixels(empty, await picture(box))).toBeGreaterThan(20);
    for (const field of ["#otp", "#trust_device"]) expect(await hasEdge(page.locator(field))).toBe(true);
    await closePage(page);
  });
});

/** Focuses each control by keyboard, and compares the picture around it with the one before. */
async function expectVisibleFocus(page: Page): Promise<void> {
  const controls = await page.locator(":is(a, button, input:not([type=hidden]), summary):visible").all();
  expect(controls.length).toBeGreaterThan(3);
  for (const control of controls) {
    await page.evaluate("document.activeElement.blur()");
    const before = await around(page, control);
    // As by keyboard: a click on a button shows no focus.
    await control.evaluate((element) =>
      (element as unknown as HTMLElementLike).focus({ focusVisible: true }),
    );
    const name = await control.evaluate((element) =>
      (element as { outerHTML: string }).outerHTML.slice(0, 120),
    );
    expect(changedPixels(before, await around(page, control)), name).toBeGreaterThan(40);
  }
}

interface HTMLElementLike {
  focus(options: { focusVisible: boolean }): void;
}

const MARGIN = 8;

async function around(page: Page, control: Locator): Promise<PNG> {
  await control.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await control.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const clip = {
    x: Math.max(0, x - MARGIN),
    y: Math.max(0, y - MARGIN),
    width: width + 2 * MARGIN,
    height: height + 2 * MARGIN,
  };
  return PNG.sync.read(await page.screenshot({ clip, caret: "hide", animations: "disabled" }));
}

async function picture(control: Locator): Promise<PNG> {
  return PNG.sync.read(await control.screenshot({ animations: "disabled" }));
}

/** How many pixels differ clearly. */
function changedPixels(one: PNG, other: PNG): number {
  let changed = 0;
  for (let i = 0; i < one.data.length; i += 4) {
    const difference = [0, 1, 2].reduce(
      (sum, channel) => sum + Math.abs((one.data[i + channel] ?? 0) - (other.data[i + channel] ?? 0)),
      0,
    );
    if (difference > 200) changed += 1;
  }
  return changed;
}

/** Whether a control has a border of another colour than its ground, or is drawn by the browser. */
function hasEdge(control: Locator): Promise<boolean> {
  return control.evaluate((element) => {
    const { borderTopStyle, borderTopWidth, appearance } = getComputedStyle(element as never);
    return appearance !== "none" || (borderTopStyle !== "none" && Number.parseFloat(borderTopWidth) >= 1);
  });
}

declare function getComputedStyle(element: never): {
  borderTopStyle: string;
  borderTopWidth: string;
  appearance: string;
};
