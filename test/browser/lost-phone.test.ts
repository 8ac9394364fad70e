/** The story: the phone is lost; a recovery code lets its owner in, a new phone takes its place, and the old one opens nothing. */
import { describe, expect, it } from "vitest";
import {
  browserOfThisFile,
  closePage,
  headingOf,
  openPage,
  pathOf,
  press,
  scanQr,
  secretOf,
  setUpByQr,
  signInByCode,
  signInWith,
  signOut,
  submitCode,
  submitRecoveryCode,
  withTypo,
} from "../support/browser.js";
import { MINUTE, openWorld } from "../support/world.js";

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
    const refusal = () => page.getByRole("alert").textContent();

    // The old phone, and a sheet that was typed back.
    await page.goto("/login");
    await signInWith(page, "password");
    const { secret: oldSecret, codes } = await setUpByQr(page, world);
    const [first = "", second = ""] = codes;
    await submitRecoveryCode(page, first);
    expect(await says("The code that you typed still works")).toBe(true);
    await signOut(page);

    // The phone is lost.
    world.wait(10 * MINUTE);
    await signInWith(page, "password");
    await page.getByText("I can’t use my app").click();
    await press(page, page.getByRole("link", { name: "Use a recovery code" }));
    expect(await page.locator("main").textContent()).toContain("Each code works once");
    await submitRecoveryCode(page, withTypo(second));
    expect(await refusal()).toContain("There is a typing mistake in that code");
    await submitRecoveryCode(page, second.toLowerCase());
    expect(await headingOf(page)).toBe("You are signed in as test");
    expect(
      await says("You used recovery code 2 of set 1: cross it out, it works no more. 9 codes are left."),
    ).toBe(true);
    expect(await says("1 attempt was refused since")).toBe(true);

    // A new one takes its place: no step-up is asked for so soon after both factors.
    await press(page, page.getByRole("link", { name: "Replace your app" }));
    expect(await headingOf(page)).toBe("Change your phone");
    const scanned = await scanQr(page);
    expect(decodeURIComponent(scanned.pathname)).toMatch(/Latchkey:test \(2\)$/);
    const newSecret = secretOf(scanned);

    // Until it has given a right code, the old one is as good as before.
    await submitCode(page, world.code(oldSecret));
    expect(await refusal()).toContain("That is a code of Authenticator app, which is set up already.");
    expect((await scanQr(page)).href).toBe(scanned.href);
    world.wait(30_000);
    await office.goto("/login");
    await signInWith(office, "password");
    await signInByCode(office, world, oldSecret);
    expect(await headingOf(office)).toBe("You are signed in as test");

    await page.getByLabel("Name").fill("Pixel 9");
    await submitCode(page, world.code(newSecret));
    expect(pathOf(page)).toBe("/account");
    expect(await says("Pixel 9 has taken the place of Authenticator app, whose codes work no more")).toBe(
      true,
    );
    expect(await page.getByRole("row", { name: /Latchkey: test/ }).allTextContents()).toEqual([
      expect.stringContaining("Latchkey: test (2)"),
    ]);

    // The other browser is out, and only the new phone lets it in again.
    await office.goto("/account");
    expect(pathOf(office)).toBe("/login");
    world.wait(MINUTE);
    await signInWith(office, "password");
    expect(await office.getByText("Look for Latchkey: test (2) in Pixel 9.").isVisible()).toBe(true);
    await submitCode(office, world.code(oldSecret));
    expect(await office.getByRole("alert").textContent()).toContain("That code was not accepted");
    await signInByCode(office, world, newSecret);
    expect(pathOf(office)).toBe("/account");

    // All of it can be read, the newest first.
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

    // What is crossed out on the sheet opens nothing.
    await signOut(page);
    await signInWith(page, "password");
    await page.goto("/login/recovery-code");
    await submitRecoveryCode(page, second);
    expect(await refusal()).toContain("That code was used on 24 November 2026 at 12:10 UTC.");
    expect(pathOf(page)).toBe("/login/recovery-code");
    await submitRecoveryCode(page, first);
    expect(await headingOf(page)).toBe("You are signed in as test");

    await closePage(page);
    await closePage(office);
    await world.close();
  });
});
