/** Stories of the account in a browser: a trusted browser, a session that is ended, a new password. */
import { describe, expect, it } from "vitest";
import {
  accountShown,
  browserOfThisFile,
  closePage,
  confirmWith,
  headingOf,
  openPage,
  pathOf,
  press,
  reasonShown,
  signInByCode,
  signInWith,
  signOut,
  submitCode,
} from "../support/browser.js";
import { setUp } from "../support/sign-in.js";
import { MINUTE, openWorld } from "../support/world.js";

const browser = browserOfThisFile();

describe.each([
  ["with scripts", true],
  ["without scripts", false],
])("a trusted browser, %s", (_how, javaScriptEnabled) => {
  it("asks for no code at the next sign-in, for both factors before a change, and for a code again once forgotten", async () => {
    const world = await openWorld();
    const secret = await setUp(world, world.visitor());
    const page = await openPage(browser(), world.address, { javaScriptEnabled });

    await page.goto("/login");
    await signInWith(page, "password");
    await page.locator("#trust_device").check();
    await signInByCode(page, world, secret);
    await signOut(page);

    await signInWith(page, "password");
    expect(await accountShown(page)).toBe("test");
    await press(page, page.getByRole("link", { name: "Account", exact: true }));

    // What decides who can get in takes both factors, and then goes on where it was asked for.
    await press(page, page.getByRole("link", { name: "Change your password", exact: true }));
    expect(pathOf(page)).toBe("/confirm");
    await confirmWith(page, "not the password", world.code(secret));
    expect(await reasonShown(page)).toBe("wrong-password");
    await confirmWith(page, "password", world.code(secret));
    expect(pathOf(page)).toBe("/account/password");
    await page.goto("/account/recovery-codes");
    expect(await headingOf(page)).toMatch(/^Make new recovery codes/);

    await press(page, page.getByRole("link", { name: "Cancel" }));
    await press(page, page.getByRole("button", { name: /^Stop trusting browser 1, Chrome/ }));
    expect(await page.getByRole("button", { name: /^Stop trusting/ }).count()).toBe(0);
    await signOut(page);
    await signInWith(page, "password");
    expect(pathOf(page)).toBe("/login/2fa");

    await closePage(page);
  });
});

describe("the list of sessions", () => {
  it("names each browser, and signs out one or all others", async () => {
    const world = await openWorld();
    const secret = await setUp(world, world.visitor({ "User-Agent": "Lynx/2.9" }));
    const page = await openPage(browser(), world.address);
    const cafe = await openPage(browser(), world.address, {
      userAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:152.0) Gecko/20100101 Firefox/152.0",
    });
    for (const each of [cafe, page]) {
      await each.goto("/login");
      await signInWith(each, "password");
      await signInByCode(each, world, secret);
      await each.goto("/account");
      world.advance(MINUTE);
    }
    const rows = page.getByRole("table", { name: "The browsers that are signed in" }).locator("tbody tr");
    expect(await rows.count()).toBe(3);
    expect(await rows.filter({ hasText: "This browser" }).textContent()).toContain("Chrome");

    await press(page, page.getByRole("button", { name: /^Sign out browser \d, Firefox on Windows$/ }));
    expect(await rows.count()).toBe(2);
    await cafe.reload();
    expect(pathOf(cafe)).toBe("/login");

    await signInWith(cafe, "password");
    await signInByCode(cafe, world, secret);
    await page.reload();
    expect(await rows.count()).toBe(3);
    await press(page, page.getByRole("button", { name: "Sign out everywhere else" }));
    expect(await rows.count()).toBe(1);
    await cafe.reload();
    expect(pathOf(cafe)).toBe("/login");
    await page.reload();
    expect(pathOf(page)).toBe("/account");

    await closePage(page);
    await closePage(cafe);
  });
});

describe("a new password", () => {
  it("is set by keyboard alone, in a form that password managers understand", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    const secret = await setUp(world, visitor);
    const page = await openPage(browser(), world.address);
    const press = (key: string) => page.keyboard.press(key);
    const send = () => Promise.all([page.waitForEvent("load"), press("Enter")]);
    const tabTo = async (name: string) => {
      for (let i = 0; i < 40; i++) {
        if ((await page.locator(":focus").getAttribute("id")) === name) return;
        await press("Tab");
      }
      throw new Error(`Tab does not lead to ${name}.`);
    };
    await page.goto("/login?next=/account/password");
    await signInWith(page, "password");
    await signInByCode(page, world, secret);

    expect(pathOf(page)).toBe("/account/password");
    const username = page.locator("input[autocomplete=username]");
    expect(await username.inputValue()).toBe("test");
    expect(await page.locator("#current_password").getAttribute("autocomplete")).toBe("current-password");
    expect(await page.locator("#new_password").getAttribute("autocomplete")).toBe("new-password");
    expect(await page.locator("[maxlength], [onpaste], form:not([novalidate])").count()).toBe(0);

    // The first Tab leads from the field to its button, never to the hidden username.
    expect(await page.locator(":focus").getAttribute("id")).toBe("current_password");
    await page.keyboard.type("password");
    await press("Tab");
    expect(await page.locator(":focus").getAttribute("aria-label")).toMatch(/^Show current password$/i);
    await tabTo("new_password");
    await page.keyboard.type("qwertyuiop");
    await send();
    expect(await page.title()).toMatch(/^Error: /);
    expect(await reasonShown(page)).toBe("common");
    expect(await page.locator("#new_password").getAttribute("aria-describedby")).toContain(
      "new_password-problem",
    );

    await tabTo("current_password");
    await page.keyboard.type("password");
    await tabTo("new_password");
    await page.keyboard.type("tulip granite seventeen kites");
    await send();
    expect(pathOf(page)).toBe("/account");
    expect(await page.locator(".alert[role=status]").first().isVisible()).toBe(true);
    expect((await visitor.get("/account")).headers.location).toMatch(/^\/login/);

    await signOut(page);
    await signInWith(page, "password");
    expect(await reasonShown(page)).toBe("refused");
    await signInWith(page, "tulip granite seventeen kites");
    await submitCode(page, world.code(secret));
    expect(await accountShown(page)).toBe("test");

    await closePage(page);
  });
});
