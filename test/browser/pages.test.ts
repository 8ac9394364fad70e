/** Every page of signing in, of a lost phone and of a wrong clock: WCAG 2.2 AA, whole on a small phone and in large text. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { fromBase32, STANDARD_PARAMETERS, totpAt } from "../../src/otp/index.js";
import {
  browserOfThisFile,
  press,
  scanQr,
  secretOf,
  setUpByQr,
  signInWith,
  signOut,
  submitCode,
  submitRecoveryCode,
} from "../support/browser.js";
import { lockUntilUnlocked } from "../support/lockout.js";
import { codesOn, setUpWithSheet } from "../support/sign-in.js";
import { HOUR, MINUTE, type World } from "../support/world.js";
import { mistyped } from "../support/wrong-codes.js";
import { lookAlong, type Walk } from "./look.js";

const browser = browserOfThisFile();

const theWayIn: Walk = async (page, world, look) => {
  await page.goto("/");
  await look("home");
  await page.goto("/no-such-page");
  await look("error");
  await page.goto("/login?notice=sign-in");
  await look("login");
  await signInWith(page, "wrong password");
  await look("login refused");
  for (let i = 0; i < 5; i++) await signInWith(page, "wrong password");
  await look("login delayed");

  world.advance(MINUTE);
  await signInWith(page, "password");
  await look("set-up");
  const secret = secretOf(await scanQr(page));
  await page.locator("details").first().locator("summary").click();
  await submitCode(page, world.code(secret, 20));
  await look("set-up refused");
  for (let i = 0; i < 4; i++) await submitCode(page, world.code(secret, 20));
  await look("set-up locked");
  world.advance(MINUTE);
  await page.goto("/login/2fa");
  const { codes } = await setUpByQr(page, world);
  await look("recovery codes");
  await submitRecoveryCode(page, mistyped(codes[0] ?? ""));
  await look("recovery codes, one typed back wrong");
  await press(page, page.getByRole("button", { name: "Check later" }));
  await look("home, recovery codes not checked");
  await page.goto("/account?check=copy");
  await look("account, checking the recovery codes");
  await submitRecoveryCode(page, mistyped(codes[0] ?? "", 1));
  await page.locator("summary").click();
  await look("a recovery code typed back wrong later");
  await submitRecoveryCode(page, codes[0] ?? "");
  await look("account, recovery codes checked");
  await page.goto("/");
  await look("home, one app");
  await page.goto("/logout?next=/account");
  await look("sign out");
  await signOut(page);
  await look("signed out");
  await page.goto("/logout?next=/account");
  await look("nobody to sign out");
  await page.goto("/login");

  await signInWith(page, "password");
  await look("code");
  await page.locator("summary").click();
  await look("code, help open");
  await submitCode(page, "12345");
  await look("code, not six digits");
  for (let i = 0; i < 5; i++) await submitCode(page, world.code(secret, 20));
  await look("code locked");
  await lockUntilUnlocked(world);
  await page.goto("/login/2fa");
  await look("code locked until unlocked");
  world.advance(HOUR);
  await page.goto("/login/2fa");
  await look("expired");
};

const aLostPhone: Walk = async (page, world, look) => {
  const { codes } = await setUpWithSheet(world, world.visitor());
  const [first = ""] = codes;
  await page.goto("/account/history");
  await signInWith(page, "password");
  await page.goto("/login/recovery-code");
  await look("recovery login");
  await submitRecoveryCode(page, mistyped(first));
  await look("recovery login, mistyped");
  for (let i = 0; i < 4; i++) await submitRecoveryCode(page, mistyped(first));
  await look("recovery login locked");
  await lockUntilUnlocked(world);
  await page.goto("/login/recovery-code");
  await look("recovery login locked until unlocked");
  await world.auth.unlockAccount("test");
  await page.goto("/login/recovery-code");
  await submitRecoveryCode(page, first);
  await look("home after a recovery code, with a way on");
  // Using a code has checked the set; a new set is still to be checked.
  await page.goto("/account/recovery-codes");
  await look("new recovery codes");
  await press(page, page.getByRole("button", { name: "Make new recovery codes" }));
  const [second = "", ...others] = codesOn(await page.content());
  await page.goto("/");

  await press(page, page.getByRole("link", { name: "Replace your app" }));
  await look("change the phone");
  const old = page.url();
  const secret = secretOf(await scanQr(page));
  await page.getByLabel("Name").fill("A name that is far too long for any list of authenticators ".repeat(2));
  await submitCode(page, world.code(secret));
  await look("change the phone, name refused");
  await page.getByLabel("Name").fill("");
  await submitCode(page, world.code(secret, 20));
  await look("change the phone, code refused");
  for (let i = 0; i < 4; i++) await submitCode(page, world.code(secret, 20));
  await look("change the phone, locked");
  await page.goto("/account/recovery-codes/current");
  await look("recovery codes locked");
  await page.goto("/account?check=copy");
  await submitRecoveryCode(page, second);
  await look("a recovery code typed back, locked");
  world.advance(MINUTE);
  await page.goto(old);
  await page.getByLabel("Name").fill("Pixel 9");
  await submitCode(page, world.code(secret));
  await look("account after a change of the phone");
  const replace = await page.locator('a[href*="?replaces="]').first().getAttribute("href");
  await page.goto(`/account/authenticators/${replace?.split("=")[1]}/remove`);
  await look("the last authenticator");

  for (const code of others.slice(0, 7)) {
    const visitor = world.visitor();
    await visitor.password();
    await visitor.recoveryCode(code);
  }
  await page.goto("/");
  await signOut(page);
  await signInWith(page, "password");
  world.advance(MINUTE);
  await submitCode(page, world.code(secret));
  await look("home, few recovery codes");
  await page.goto("/account");
  await look("account, few recovery codes and many sessions");
};

const aWrongClock: Walk = async (page, world, look) => {
  await page.goto("/login");
  await signInWith(page, "password");
  const secret = secretOf(await scanQr(page));
  await submitCode(
    page,
    totpAt(fromBase32(secret), world.now() / 1000, { ...STANDARD_PARAMETERS, algorithm: "SHA256" }),
  );
  await look("set-up, another algorithm");
  await setUpByQr(page, world);
  await press(page, page.getByRole("button", { name: "Check later" }));
  await signOut(page);

  world.advance(HOUR);
  await signInWith(page, "password");
  await submitCode(page, world.code(secret, -5));
  await look("code, for an earlier moment");
  await press(page, page.getByRole("link", { name: "Enter two codes in a row" }));
  await look("two codes");
  await submitPair(page, world, secret, -30);
  await look("two codes, refused");
  // Each another pair: the same one sent again is not counted.
  for (const steps of [-31, -32, -33]) await submitPair(page, world, secret, steps);
  await look("two codes, locked");
  for (const minutes of [1, 2, 4]) {
    world.advance(minutes * MINUTE);
    await page.goto("/login/2fa/resync");
    await submitPair(page, world, secret, -30);
  }
  await look("two codes, locked for longer than the sign-in lasts");
  await press(page, page.getByRole("main").getByRole("button", { name: "Back to sign-in" }));

  world.advance(8 * MINUTE);
  await signInWith(page, "password");
  await page.goto("/login/2fa/resync");
  await submitPair(page, world, secret, -5);
  await page.goto("/account");
  expect(await page.getByRole("row", { name: /Its clock is .+ behind/ }).isVisible()).toBe(true);
  await look("account, a clock that is behind");
};

async function submitPair(page: Page, world: World, secret: string, steps: number): Promise<void> {
  await page.locator("#otp_next").fill(world.code(secret, steps + 1));
  await submitCode(page, world.code(secret, steps));
}

describe.each<[string, Walk, Record<string, string>]>([
  ["the way in", theWayIn, {}],
  ["a lost phone", aLostPhone, {}],
  ["a wrong clock", aWrongClock, { RESYNC: "on" }],
])("every page of %s", (_name, walk, settings) => {
  it(
    "passes axe in both colour schemes, and fits small phones, desktops and readers' settings",
    () => lookAlong(walk, browser(), settings),
    300_000,
  );
});
