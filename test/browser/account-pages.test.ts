/** Every page of the account: WCAG 2.2 AA, whole on a small phone and in large text. */
import { describe, it } from "vitest";
import {
  browserOfThisFile,
  press,
  scanQr,
  secretOf,
  signInByCode,
  signInWith,
  signOut,
  submitCode,
} from "../support/browser.js";
import { setUp } from "../support/sign-in.js";
import { HOUR, MINUTE } from "../support/world.js";
import { lookAlong, type Walk } from "./look.js";

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
  await press(page, page.getByRole("button", { name: "Check later" }));
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

  await page.goto("/account/history");
  await look("history");
  await press(page, page.getByRole("link", { name: "Problems" }));
  await look("history, problems alone");
  await page.goto("/account/history?page=2");
  await look("history, nothing older");
  world.advance(24 * HOUR);
  await page.goto("/account/history");
  await signInWith(page, "password");
  for (let i = 0; i < 40; i++) await world.auth.updateAccount("test", { name: `Tess ${i}` });
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
