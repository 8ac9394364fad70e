/** The shape of the account page and the history: short, the open form in view, days as the reader has them. */
import type { Page } from "playwright-core";
import { beforeEach, describe, expect, it } from "vitest";
import { addAuthenticator } from "../support/account-page.js";
import {
  browserOfThisFile,
  closePage,
  openPage,
  press,
  reasonShown,
  signInByCode,
  signInWith,
} from "../support/browser.js";
import { setUp } from "../support/sign-in.js";
import { MINUTE, openWorld, type World } from "../support/world.js";

const browser = browserOfThisFile();
const DEVICES = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:152.0) Gecko/20100101 Firefox/152.0",
  "Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
];
const PHONE = { width: 390, height: 664 };

let world: World;
/** The secret of the second of three apps. */
let secret: string;
beforeEach(async () => {
  world = await openWorld();
  const visitor = world.visitor({ "User-Agent": DEVICES[0] ?? "" });
  await setUp(world, visitor);
  secret = await addAuthenticator(world, visitor, "Pixel 9");
  await addAuthenticator(world, visitor, "KeePassXC on the office laptop");
  world.advance(MINUTE);
});

/** Opens a page, signed in. */
async function signedIn(path: string, options = {}): Promise<Page> {
  const page = await openPage(browser(), world.address, options);
  await page.goto("/login");
  await signInWith(page, "password");
  await signInByCode(page, world, secret);
  await page.goto(path);
  return page;
}

async function isInView(page: Page, selector: string): Promise<boolean> {
  const box = await page.locator(selector).boundingBox();
  return box !== null && box.y >= 0 && box.y + box.height <= PHONE.height;
}

describe("the account page with three apps, five browsers and three trusted ones", () => {
  it.each([
    ["on a desktop", { width: 1280, height: 800 }, 2_000],
    ["on a phone", PHONE, 2_800],
  ])("is short %s", async (_where, viewport, limit) => {
    for (const device of DEVICES) {
      const other = world.visitor({ "User-Agent": device });
      await other.password();
      await other.code(world.code(secret), { trust_device: "on" });
      world.advance(MINUTE);
    }
    const page = await signedIn("/account", { viewport });
    expect(await page.getByRole("button", { name: /^Sign out (browser|this)/ }).count()).toBe(5);
    expect(await page.getByRole("button", { name: /^Stop trusting/ }).count()).toBe(3);
    expect(await page.evaluate("document.documentElement.scrollHeight")).toBeLessThanOrEqual(limit);
    await closePage(page);
  });
});

describe.each([
  ["with scripts", true],
  ["without scripts", false],
])("the form below a row, %s", (_how, javaScriptEnabled) => {
  it("opens with the focus in its field, and stays in view when the name is refused", async () => {
    const page = await signedIn("/account", { viewport: PHONE, javaScriptEnabled });
    await press(page, page.getByRole("link", { name: "Rename Pixel 9" }));
    const field = page.getByLabel("New name for Pixel 9");
    expect(await page.locator(":focus").getAttribute("name")).toBe("name");
    await field.fill("KeePassXC on the office laptop");
    await press(page, page.getByRole("button", { name: "Save the new name" }));
    expect(await reasonShown(page)).toBe("taken");
    expect(await isInView(page, ".problem-summary")).toBe(true);
    expect(await isInView(page, "input[name=name]")).toBe(true);
    await closePage(page);
  });
});

describe("the days of the history", () => {
  const days = (page: Page) => page.getByRole("heading", { level: 2 }).allTextContents();

  it.each([
    ["the reader's", true, ["Today", "Yesterday"], "01:00"],
    ["those of UTC, and say so,", false, ["24 Nov 2026"], "23:00 UTC"],
  ])("are %s when scripts run: %s", async (_whose, javaScriptEnabled, headings, newest) => {
    world.advance(Date.parse("2026-11-24T23:00:00Z") - world.now());
    const page = await openPage(browser(), world.address, {
      javaScriptEnabled,
      timezoneId: "Africa/Cairo",
    });
    await page.clock.setFixedTime(world.now());
    await page.goto("/login");
    await signInWith(page, "password");
    await signInByCode(page, world, secret);
    await page.goto("/account/history");
    expect(await days(page)).toEqual(headings);
    expect(await page.locator("tbody td").first().textContent()).toBe(newest);
    await closePage(page);
  });
});
