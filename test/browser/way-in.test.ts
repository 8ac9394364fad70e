/** The story of the first sign-in: the password, the set-up from the QR code, the recovery codes, out, and in again. */
import { describe, expect, it } from "vitest";
import { RECOVERY_CODES } from "../../src/auth/policy.js";
import {
  accountShown,
  browserOfThisFile,
  closePage,
  codesOnSheet,
  openPage,
  pathOf,
  press,
  reasonShown,
  scanQr,
  secretOf,
  signInWith,
  signOut,
  submitCode,
  submitRecoveryCode,
} from "../support/browser.js";
import { openWorld } from "../support/world.js";

const browser = browserOfThisFile();

describe.each([
  ["with scripts", true],
  ["without scripts", false],
])("the way in, %s", (_how, javaScriptEnabled) => {
  it("takes a person from the first password to the second sign-in", async () => {
    const world = await openWorld();
    const page = await openPage(browser(), world.address, { javaScriptEnabled });

    await page.goto("/");
    await press(page, page.getByRole("link", { name: "Sign in" }));
    expect(await page.title()).toBe("Sign in – Latchkey");
    expect(await page.getByText("demo account").textContent()).toContain("test");

    await signInWith(page, "not the password");
    expect(await page.title()).toBe("Error: Sign in – Latchkey");
    expect(await reasonShown(page)).toBe("refused");
    expect(await page.getByRole("alert").textContent()).toContain("match");
    expect(await page.getByLabel("Username").inputValue()).toBe("test");
    expect(await page.getByLabel("Password", { exact: true }).inputValue()).toBe("");

    await signInWith(page, "password");
    expect(pathOf(page)).toBe("/login/2fa");
    await page.getByText("Type a key instead").click();
    expect(await page.locator("#key").isVisible()).toBe(true);

    const scanned = await scanQr(page);
    expect(scanned.href).toMatch(/^otpauth:\/\/totp\/Latchkey:test\?/);
    const secret = secretOf(scanned);
    expect((await page.locator("#key").textContent())?.replaceAll(" ", "")).toBe(secret);
    expect(await page.getByRole("link", { name: "Open in my authenticator app" }).getAttribute("href")).toBe(
      scanned.href,
    );

    await submitCode(page, world.code(secret, 20));
    expect(await page.title()).toMatch(/^Error: /);
    expect((await scanQr(page)).href).toBe(scanned.href);

    const code = world.code(secret);
    await submitCode(page, `${code.slice(0, 3)} ${code.slice(3)}`);
    expect(await page.locator("#sheet").isVisible()).toBe(true);
    expect(await page.locator(".alert[role=status]").first().isVisible()).toBe(true);
    const codes = await codesOnSheet(page);
    expect(new Set(codes).size).toBe(RECOVERY_CODES);

    await submitRecoveryCode(page, codes[3]?.toLowerCase().replaceAll("-", " ") ?? "");
    expect(pathOf(page)).toBe("/");
    expect(await page.locator(".alert[role=status]").first().isVisible()).toBe(true);
    expect(await accountShown(page)).toBe("test");
    expect(await page.getByText(`${RECOVERY_CODES} recovery codes`).isVisible()).toBe(true);

    await press(page, page.getByRole("link", { name: "Account", exact: true }));
    expect(await page.getByRole("row", { name: /^Authenticator app/ }).isVisible()).toBe(true);
    const shown = await page.content();
    for (const once of [secret, ...codes]) expect(shown).not.toContain(once);

    await signOut(page);
    expect(page.url()).toBe(`${world.address}/login?notice=signed-out`);
    await page.goto("/account");
    expect(pathOf(page)).toBe("/login");

    await signInWith(page, "password");
    expect(await page.locator("#otp").isVisible()).toBe(true);
    expect(await page.locator("svg[role=img]").count()).toBe(0);
    await submitCode(page, code);
    expect(await reasonShown(page)).toBe("used");
    world.advance(30_000);
    await submitCode(page, world.code(secret));
    expect(pathOf(page)).toBe("/account");

    await closePage(page);
  });
});

describe("the way in by keyboard alone", () => {
  it("needs no pointer, shows the focus, and continues without checking the recovery codes", async () => {
    const world = await openWorld();
    const page = await openPage(browser(), world.address);
    const focused = () =>
      page.evaluate<string>("document.activeElement.id || document.activeElement.innerText");
    const type = (keys: string) => page.keyboard.type(keys);
    const enter = () => Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
    const tabTo = async (wanted: string) => {
      for (let i = 0; i < 20 && (await focused()) !== wanted; i++) await page.keyboard.press("Tab");
      expect(await focused()).toBe(wanted);
    };

    await page.goto("/login");
    expect(await focused()).toBe("username");
    expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).toBe("solid");
    await type("test");
    await page.keyboard.press("Tab");
    await type("password");
    await enter();

    const secret = secretOf(await scanQr(page));
    await tabTo("otp");
    await type(world.code(secret));
    await enter();

    expect(await page.locator("#sheet").isVisible()).toBe(true);
    await tabTo("Continue without checking");
    await page.keyboard.press("Enter");
    await tabTo("Continue");
    await enter();
    expect(await accountShown(page)).toBe("test");
    expect(await page.locator("[data-standing=check-copy]").isVisible()).toBe(true);
    await closePage(page);
  });
});
