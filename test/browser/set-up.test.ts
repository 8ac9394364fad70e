/** The pages of a set-up and of a code, on a phone and on a desktop: what is in view, and what waits behind a box or a disclosure. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { fromBase32, hotpAt } from "../../src/otp/index.js";
import { NEW_AUTHENTICATOR } from "../support/account-page.js";
import {
  browserOfThisFile,
  closePage,
  openPage,
  reasonShown,
  scanQr,
  secretOf,
  setUpByQr,
  signInByCode,
  signInWith,
  signOut,
  submitCode,
} from "../support/browser.js";
import { codeWith } from "../support/refused-codes.js";
import { openWorld, type World } from "../support/world.js";

const browser = browserOfThisFile();

/** A phone as its browser leaves it: the bars take the rest. */
const PHONE = { width: 390, height: 664 };
const DESKTOP = { width: 1280, height: 800 };
const SMALL_PHONE = { width: 320, height: 568 };

async function atSecondStep(world: World, options: Parameters<typeof openPage>[2]): Promise<Page> {
  const page = await openPage(browser(), world.address, options);
  await page.goto("/login");
  await signInWith(page, "password");
  return page;
}

/** How far down the screen something ends that was not scrolled to. */
async function bottomOf(page: Page, selector: string): Promise<number> {
  expect(await page.evaluate("scrollY")).toBe(0);
  const box = await page.locator(selector).boundingBox();
  return box ? box.y + box.height : Number.POSITIVE_INFINITY;
}

const SUBMIT = "form:has(#otp) button[type=submit]";

describe("the set-up page", () => {
  it("is whole on a desktop: QR code, field and button in one look", async () => {
    const page = await atSecondStep(await openWorld(), { viewport: DESKTOP });
    expect(await bottomOf(page, "svg[role=img]")).toBeLessThan(DESKTOP.height);
    expect(await bottomOf(page, SUBMIT)).toBeLessThanOrEqual(720);
    await closePage(page);
  });

  it.each([true, false])(
    "has the link first on a phone, and the QR code behind a box (scripts: %s)",
    async (on) => {
      const page = await atSecondStep(await openWorld(), { viewport: PHONE, javaScriptEnabled: on });
      expect(await bottomOf(page, "a[href^='otpauth:']")).toBeLessThan(PHONE.height);
      expect(await page.locator("svg[role=img]").isVisible()).toBe(false);
      await page.getByLabel("show a QR code").check();
      expect(secretOf(await scanQr(page))).toMatch(/^[A-Z2-7]{32}$/);
      await closePage(page);
    },
  );

  it("needs no scrolling sideways on a small phone, with all of it open", async () => {
    const page = await atSecondStep(await openWorld(), { viewport: SMALL_PHONE });
    await page.getByLabel("show a QR code").check();
    for (const summary of await page.locator("summary").all()) await summary.click();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(SMALL_PHONE.width);
    await closePage(page);
  });
});

/** Codes of an app whose entry is wrong, and others, by the reason of their refusal. */
const WRONG_ENTRY: Record<string, (world: World, secret: string) => string> = {
  "other-algorithm": (world, secret) => codeWith(world, secret, { algorithm: "SHA256" }),
  "other-digits": (world, secret) => codeWith(world, secret, { digits: 8 }),
  "other-period": (world, secret) => codeWith(world, secret, { period: 60 }),
  "counter-based": (_world, secret) => hotpAt(fromBase32(secret), 1),
};
const RIGHT_ENTRY: Record<string, (world: World, secret: string) => string> = {
  "later-step": (world, secret) => world.code(secret, 5),
  "not-a-code": () => "12345",
};

describe("a refused code on a phone", () => {
  it("leaves field and button in view during a set-up, and shows the QR code where the entry is wrong", async () => {
    const world = await openWorld();
    const page = await atSecondStep(world, { viewport: PHONE });
    await page.getByLabel("show a QR code").check();
    const secret = secretOf(await scanQr(page));
    for (const [reason, code] of Object.entries({ ...WRONG_ENTRY, ...RIGHT_ENTRY })) {
      await submitCode(page, code(world, secret));
      expect(await reasonShown(page)).toBe(reason);
      expect([reason, await bottomOf(page, "#otp")]).toEqual([reason, expect.toSatisfy(isInView)]);
      expect([reason, await bottomOf(page, SUBMIT)]).toEqual([reason, expect.toSatisfy(isInView)]);
      expect([reason, await page.locator("svg[role=img]").isVisible()]).toEqual([
        reason,
        reason in WRONG_ENTRY,
      ]);
    }
    expect(secretOf(await scanQr(page))).toBe(secret);
    await closePage(page);
  });

  it("leaves the field in view at sign-in, and when one more app is added", async () => {
    const world = await openWorld();
    const page = await atSecondStep(world, { viewport: DESKTOP });
    const { secret } = await setUpByQr(page, world);
    await page.goto("/");
    await signOut(page);
    await page.setViewportSize(PHONE);
    await signInWith(page, "password");
    for (const steps of [-5, 9]) {
      await submitCode(page, world.code(secret, steps));
      expect(await bottomOf(page, "#otp")).toSatisfy(isInView);
    }
    await signInByCode(page, world, secret);
    await page.goto(NEW_AUTHENTICATOR);
    await page.getByLabel("show a QR code").check();
    const added = secretOf(await scanQr(page));
    await page.getByLabel("Name").fill("Pixel 9");
    for (const code of [world.code(added, 5), "12345"]) {
      await submitCode(page, code);
      expect(await page.getByLabel("Name").inputValue()).toBe("Pixel 9");
      expect(await bottomOf(page, "#otp")).toSatisfy(isInView);
    }
    await closePage(page);
  });
});

function isInView(bottom: number): boolean {
  return bottom <= PHONE.height;
}
