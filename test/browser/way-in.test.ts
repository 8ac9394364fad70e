/** The story: wrong password, right password, set up from the drawn QR, wrong code, right code, out, and in again. */
import { describe, expect, it } from "vitest";
import {
  browserOfThisFile,
  closePage,
  openPage,
  press,
  scanQr,
  signInWith,
  submitCode,
} from "../support/browser.js";
import { createWorld } from "../support/world.js";

const browser = browserOfThisFile();

describe.each([
  ["with scripts", true],
  ["without scripts", false],
])("the way in, %s", (_how, javaScriptEnabled) => {
  it("takes a person from the first password to the second sign-in", async () => {
    const world = await createWorld();
    const page = await openPage(browser(), world.address, { javaScriptEnabled });

    await page.goto("/");
    await press(page, page.getByRole("link", { name: "Sign in" }));
    expect(await page.title()).toBe("Sign in – Latchkey");
    expect(await page.getByText("demo account").textContent()).toContain("test");

    await signInWith(page, "not the password");
    expect(await page.title()).toBe("Error: Sign in – Latchkey");
    expect(await page.getByRole("alert").textContent()).toContain("do not match");
    expect(await page.getByLabel("Username").inputValue()).toBe("test");
    expect(await page.getByLabel("Password", { exact: true }).inputValue()).toBe("");

    await signInWith(page, "password");
    expect(new URL(page.url()).pathname).toBe("/login/2fa");
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Set up your authenticator");

    const scanned = await scanQr(page);
    expect(scanned.href).toMatch(/^otpauth:\/\/totp\/Latchkey:test\?/);
    const secret = scanned.searchParams.get("secret") ?? "";
    expect((await page.locator("#key").textContent())?.replaceAll(" ", "")).toBe(secret);
    expect(await page.getByRole("link", { name: "Open in the app" }).getAttribute("href")).toBe(scanned.href);

    await submitCode(page, world.code(secret, 20));
    expect(await page.title()).toMatch(/^Error: /);
    expect((await scanQr(page)).href).toBe(scanned.href);

    const code = world.code(secret);
    await submitCode(page, `${code.slice(0, 3)} ${code.slice(3)}`);
    expect(new URL(page.url()).pathname).toBe("/");
    const message = page.getByRole("status").filter({ hasText: "your authenticator is set up" });
    expect(await message.isVisible()).toBe(true);
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("You are signed in as test");

    await press(page, page.getByRole("link", { name: "Account", exact: true }));
    expect(await page.getByRole("row", { name: /Authenticator app/ }).isVisible()).toBe(true);
    expect(await page.content()).not.toContain(secret);

    await press(page, page.getByRole("button", { name: "Sign out" }));
    expect(await page.textContent("main")).toContain("You are signed out.");
    await page.goto("/account");
    expect(new URL(page.url()).pathname).toBe("/login");

    await signInWith(page, "password");
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Enter the code from your app");
    expect(await page.locator("svg[role=img]").count()).toBe(0);
    await submitCode(page, code);
    expect(await page.getByRole("alert").textContent()).toContain("used already");
    world.wait(30_000);
    await submitCode(page, world.code(secret));
    expect(new URL(page.url()).pathname).toBe("/account");

    await closePage(page);
    await world.close();
  });
});

describe("the way in by keyboard alone", () => {
  it("needs no pointer, and shows where the focus is", async () => {
    const world = await createWorld();
    const page = await openPage(browser(), world.address);
    const focused = () => page.evaluate("document.activeElement.id");
    const type = (keys: string) => page.keyboard.type(keys);
    const enter = () => Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);

    await page.goto("/login");
    expect(await focused()).toBe("username");
    expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).toBe("solid");
    await type("test");
    await page.keyboard.press("Tab");
    await type("password");
    await enter();

    const secret = (await scanQr(page)).searchParams.get("secret") ?? "";
    for (let i = 0; i < 20 && (await focused()) !== "otp"; i++) await page.keyboard.press("Tab");
    await type(world.code(secret));
    await enter();
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("You are signed in as test");
    await closePage(page);
    await world.close();
  });
});
