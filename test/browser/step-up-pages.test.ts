/** Every page of a step-up and of a changed password: WCAG 2.2 AA, whole on a small phone and in large text. */
import type { Page } from "playwright-core";
import { describe, it } from "vitest";
import { DEFAULT_POLICY, PASSWORD_LENGTH, PASSWORD_PROOF_LASTS } from "../../src/auth/policy.js";
import {
  browserOfThisFile,
  confirmWith,
  press,
  signInByCode,
  signInWith,
  submitCode,
  submitRecoveryCode,
} from "../support/browser.js";
import { lockUntilUnlocked } from "../support/lockout.js";
import { setUp } from "../support/sign-in.js";
import { nextWrongCode } from "../support/wrong-codes.js";
import { lookAlong, lookAtSizes, type Walk } from "./look.js";

const browser = browserOfThisFile();

const aStepUp: Walk = async (page, world, look) => {
  const secret = await setUp(world, world.visitor());
  await page.goto("/login");
  await signInWith(page, "password");
  await signInByCode(page, world, secret);
  world.advance(DEFAULT_POLICY.stepUp);

  await page.goto("/account/password");
  await look("confirm");
  await confirmWith(page, "wrong password", world.code(secret));
  await look("confirm, password refused");
  await confirmWith(page, "password", world.code(secret, 20));
  await look("confirm, code refused");
  await page.locator("summary").click();
  await submitRecoveryCode(page, "0123");
  await look("confirm, recovery code refused");
  await page.goto("/confirm?next=%2Fnotes%2Fexport");
  await look("confirm for an app, with the code alone");
  world.advance(PASSWORD_PROOF_LASTS);
  await submitCode(page, world.code(secret));
  await look("confirm, password missing");
  await page.goto("/confirm?next=%2Faccount%2Fpassword");
  await confirmWith(page, "password", nextWrongCode(world, secret));
  for (let i = 0; i < 3; i++) await submitCode(page, nextWrongCode(world, secret));
  await look("confirm, locked");
  await lockUntilUnlocked(world);
  await page.goto("/confirm");
  await look("confirm, locked until unlocked");
  await world.auth.unlockAccount("test");
  await page.goto("/account/password");
  await submitCode(page, world.code(secret));
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
};

describe("every page of a step-up", () => {
  it(
    "passes axe in both colour schemes, and fits small phones, desktops and readers' settings",
    () => lookAlong(aStepUp, browser()),
    300_000,
  );
});

async function changePassword(page: Page, current: string, next: string): Promise<void> {
  await page.locator("#current_password").fill(current);
  await page.locator("#new_password").fill(next);
  await press(page, page.getByRole("button", { name: "Change password" }));
}
