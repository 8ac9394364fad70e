/** The story of a lost phone: a recovery code lets its owner in, a new phone replaces it, and the old one opens nothing. */
import { describe, expect, it } from "vitest";
import {
  accountShown,
  browserOfThisFile,
  closePage,
  openPage,
  pathOf,
  press,
  reasonShown,
  scanQr,
  secretOf,
  setUpByQr,
  signInByCode,
  signInWith,
  signOut,
  submitCode,
  submitRecoveryCode,
} from "../support/browser.js";
import { MINUTE, openWorld } from "../support/world.js";
import { mistyped } from "../support/wrong-codes.js";

const browser = browserOfThisFile();

describe.each([
  ["with scripts", true],
  ["without scripts", false],
])("a lost phone, %s", (_how, javaScriptEnabled) => {
  it("is replaced by a new one with the help of a recovery code", async () => {
    const world = await openWorld();
    const page = await openPage(browser(), world.address, { javaScriptEnabled });
    const office = await openPage(browser(), world.address, { javaScriptEnabled });
    const says = (text: string) => page.getByRole("status").filter({ hasText: text }).isVisible();

    // The old phone, and recovery codes that were checked.
    await page.goto("/login");
    await signInWith(page, "password");
    const { secret: oldSecret, codes } = await setUpByQr(page, world);
    const [first = "", second = ""] = codes;
    await submitRecoveryCode(page, first);
    expect(await says("The code that you typed still works")).toBe(true);
    await signOut(page);

    // The phone is lost.
    world.advance(10 * MINUTE);
    await signInWith(page, "password");
    await page.getByText("I can’t use my app").click();
    await press(page, page.getByRole("link", { name: "Use a recovery code" }));
    await submitRecoveryCode(page, mistyped(second));
    expect(await reasonShown(page)).toBe("typo");
    await submitRecoveryCode(page, second.toLowerCase());
    expect(await accountShown(page)).toBe("test");
    expect(
      await says("You used recovery code 2 of set 1: cross it out, it works no more. 9 codes are left."),
    ).toBe(true);
    expect(await says("No failed attempts since then")).toBe(true);

    // A new one replaces it. So soon after both factors no step-up is asked for.
    await press(page, page.getByRole("link", { name: "Replace your app" }));
    expect(page.url()).toMatch(/\/account\/authenticators\/new\?replaces=/);
    const scanned = await scanQr(page);
    expect(decodeURIComponent(scanned.pathname)).toMatch(/Latchkey:test \(2\)$/);
    const newSecret = secretOf(scanned);

    // Until it has given a right code, the old one still works.
    await submitCode(page, world.code(oldSecret));
    expect(await reasonShown(page)).toBe("other-authenticator");
    expect((await scanQr(page)).href).toBe(scanned.href);
    world.advance(30_000);
    await office.goto("/login");
    await signInWith(office, "password");
    await signInByCode(office, world, oldSecret);
    expect(await accountShown(office)).toBe("test");

    await page.getByLabel("Name").fill("Pixel 9");
    await submitCode(page, world.code(newSecret));
    expect(pathOf(page)).toBe("/account");
    expect(await says("Codes from Latchkey: test no longer work: delete that entry.")).toBe(true);
    expect(await page.getByRole("row", { name: /Latchkey: test/ }).allTextContents()).toEqual([
      expect.stringContaining("Latchkey: test (2)"),
    ]);

    // The other browser is signed out, and only the new phone lets it in again.
    await office.goto("/account");
    expect(pathOf(office)).toBe("/login");
    world.advance(MINUTE);
    await signInWith(office, "password");
    expect(await office.getByText("Look for Latchkey: test (2) in Pixel 9.").isVisible()).toBe(true);
    await submitCode(office, world.code(oldSecret));
    expect(await reasonShown(office)).toBe("wrong");
    await signInByCode(office, world, newSecret);
    expect(pathOf(office)).toBe("/account");

    // The history has all of it, the newest first.
    await page.goto("/account/history");
    const happened = await page.locator("tbody th").allTextContents();
    expect(happened).toEqual([
      "Signed in with your password and a code from your authenticator",
      "Code refused: it was wrong",
      "Authenticator replaced: Authenticator app → Pixel 9",
      "Signed in with your password and a code from your authenticator",
      "Code refused: it was one of Authenticator app",
      "Signed in with your password and a recovery code",
      "Recovery code 2 of set 1 used",
      "Recovery code refused: it had a typing mistake",
      "Signed out",
      "Recovery sheet proved: set 1",
      "Signed in with your password and a code from your authenticator",
      "Recovery codes made: set 1",
      "Authenticator set up: Authenticator app",
    ]);

    // The used recovery code opens nothing.
    await signOut(page);
    await signInWith(page, "password");
    await page.goto("/login/recovery-code");
    await submitRecoveryCode(page, second);
    expect(await reasonShown(page)).toBe("used");
    expect(pathOf(page)).toBe("/login/recovery-code");
    await submitRecoveryCode(page, first);
    expect(await accountShown(page)).toBe("test");

    await closePage(page);
    await closePage(office);
  });
});
