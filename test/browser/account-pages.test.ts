/** Every page of the account: WCAG 2.2 AA, whole on a small phone and in large text. */
import type { Page } from "playwright-core";
import { describe, it } from "vitest";
import { PASSWORD_LENGTH } from "../../src/auth/policy.js";
import {
  browserOfThisFile,
  confirmWith,
  press,
  scanQr,
  secretOf,
  signInByCode,
  signInWith,
  signOut,
  submitCode,
  submitRecoveryCode,
} from "../support/browser.js";
import { lockUntilUnlocked } from "../support/lockout.js";
import { setUp } from "../support/sign-in.js";
import { HOUR, MINUTE } from "../support/world.js";
import { lookAlong, lookAtSizes, type Walk } from "./look.js";

const browser = browserOfThisFile();

const theAccount: Walk = async (page, world, look) => {
  const stranger = await setUp(world, world.visitor());
  await page.goto("/login");
  await signInWith(page, "password");
  await page.locator("#trust_device").check();
  await signInByCode(page, world, stranger);

  await page.goto("/account/authenticators/new");
  await look("add an authenticator");
  await page.getByLabel("Name").fill("authenticator APP");
  await submitCode(page, world.code(stranger));
  await look("add an authenticator, name taken");
  const secret = secretOf(await scanQr(page));
  await page.getByLabel("Name").fill("KeePassXC on the family’s computer");
  await submitCode(page, world.code(secret));
  await press(page, page.getByRole("link", { name: "Remove KeePassXC" }));
  await look("remove an authenticator");
  await page.goto("/account/recovery-codes");
  await look("new recovery codes");
  await press(page, page.getByRole("button", { name: "Make new recovery codes" }));
  await look("the second recovery sheet");

  world.advance(MINUTE);
  await signOut(page);
  await signInWith(page, "password");
  await look("code of one of two apps");
  await page.locator("#trust_device").check();
  await signInByCode(page, world, secret);
  await look("home, two apps");
  await page.goto("/account");
  await press(page, page.getByRole("link", { name: "Rename KeePassXC" }));
  await look("account, renaming");
  await page.getByLabel("New name for KeePassXC").fill("Authenticator app");
  await press(page, page.getByRole("button", { name: "Save the new name" }));
  await look("account, new name refused");
  await press(page, page.getByRole("link", { name: "Check your copy of the codes" }));
  await look("account, checking the copy");
  await signOut(page);
  await signInWith(page, "password");
  await look("home by a trusted device");

  await page.goto("/account/password");
  await look("confirm");
  await confirmWith(page, "wrong password", world.code(secret));
  await look("confirm, password refused");
  await confirmWith(page, "password", world.code(secret, 20));
  await look("confirm, code refused");
  await page.getByLabel("Password", { exact: true }).fill("password");
  await page.locator("summary").click();
  await submitRecoveryCode(page, "0123");
  await look("confirm, recovery code refused");
  await page.goto("/confirm?next=%2Faccount%2Fpassword");
  for (let i = 0; i < 4; i++) await confirmWith(page, "password", world.code(secret, 20));
  await look("confirm, locked");
  await lockUntilUnlocked(world);
  await page.goto("/confirm");
  await look("confirm, locked until unlocked");
  await world.auth.unlockAccount("test");
  await page.goto("/account/password");
  await confirmWith(page, "password", world.code(secret));
  await look("password");
  await changePassword(page, "password", "qwertyuiop");
  await look("password, new one refused");
  for (const refused of [
    "short",
    "x".repeat(PASSWORD_LENGTH.max + 1),
    "password1",
    "abcdefghij",
    "24.11.2026",
    "latchkey1",
  ]) {
    await changePassword(page, "password", refused);
    await lookAtSizes(page, `password, ${refused.slice(0, 10)} refused`);
  }
  for (let i = 0; i < 5; i++) await changePassword(page, "not this one", "tulip granite seventeen");
  await look("password, current one refused");
  await changePassword(page, "not this one", "tulip granite seventeen");
  await look("password delayed");

  await page.goto("/account/history");
  await look("history");
  await press(page, page.getByRole("link", { name: "Problems" }));
  await look("history, problems alone");
  await page.goto("/account/history?page=2");
  await look("history, nothing older");
  world.advance(24 * HOUR);
  await page.goto("/account/history");
  await signInWith(page, "password");
  for (let i = 0; i < 40; i++) await world.auth.unlockAccount("test");
  await page.goto("/account/history");
  await look("history, more than a page");
};

describe("every page of the account", () => {
  it(
    "passes axe in both colour schemes, and fits small phones, desktops and readers' settings",
    () => lookAlong(theAccount, browser()),
    300_000,
  );
});

async function changePassword(page: Page, current: string, next: string): Promise<void> {
  await page.locator("#current_password").fill(current);
  await page.locator("#new_password").fill(next);
  await press(page, page.getByRole("button", { name: "Change password" }));
}
