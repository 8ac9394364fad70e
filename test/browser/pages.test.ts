/** Every page and state: WCAG 2.2 AA in both colour schemes, whole on a small phone, calm under a reader's spacing. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { AUTHENTICATOR_APP, fromBase32, totpAt } from "../../src/otp/index.js";
import {
  browserOfThisFile,
  closePage,
  confirmWith,
  openPage,
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
import { codesOn, setUp, setUpWithSheet } from "../support/sign-in.js";
import { HOUR, MINUTE, openWorld, type World } from "../support/world.js";

const browser = browserOfThisFile();

/** Goes through pages and states in the order in which a person may meet them, and looks at each. */
type Walk = (page: Page, world: World, look: (name: string) => Promise<void>) => Promise<void>;

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

  world.wait(MINUTE);
  await signInWith(page, "password");
  await look("set-up");
  const secret = secretOf(await scanQr(page));
  await page.locator("details").first().locator("summary").click();
  await submitCode(page, world.code(secret, 20));
  await look("set-up refused");
  for (let i = 0; i < 4; i++) await submitCode(page, world.code(secret, 20));
  await look("set-up locked");
  world.wait(MINUTE);
  await page.goto("/login/2fa");
  const { codes } = await setUpByQr(page, world);
  await look("recovery sheet");
  await page.locator("summary").click();
  await look("recovery sheet, skipping it");
  await submitRecoveryCode(page, withTypo(codes[0] ?? ""));
  await look("proof refused");
  await press(page, page.getByRole("link", { name: "Continue without checking" }));
  await look("home, sheet not proved");
  await page.goto("/account");
  await look("account, sheet not proved");
  await submitRecoveryCode(page, codes[0] ?? "");
  await look("account, sheet proved");
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
  world.wait(HOUR);
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
  await page.locator("summary").click();
  await submitRecoveryCode(page, withTypo(first));
  await look("recovery login, mistyped");
  for (let i = 0; i < 4; i++) await submitRecoveryCode(page, withTypo(first));
  await look("recovery login locked");
  await lockUntilUnlocked(world);
  await page.goto("/login/recovery-code");
  await look("recovery login locked until unlocked");
  await world.auth.unlockAccount("test");
  await page.goto("/login/recovery-code");
  await submitRecoveryCode(page, first);
  await look("home after a recovery code, with a way on");
  // Using a code has proved the sheet; a new one is still to be proved.
  await page.goto("/account/recovery-codes");
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
  await page.goto("/account");
  await submitRecoveryCode(page, second);
  await look("proof locked");
  world.wait(MINUTE);
  await page.goto(old);
  await page.getByLabel("Name").fill("Pixel 9");
  await submitCode(page, world.code(secret));
  await look("account after a change of the phone");
  await press(page, page.getByRole("link", { name: "Remove Pixel 9" }));
  await look("the last authenticator");

  for (const code of others.slice(0, 7)) {
    const visitor = world.visitor();
    await visitor.password();
    await visitor.recoveryCode(code);
  }
  await page.goto("/");
  await signOut(page);
  await signInWith(page, "password");
  world.wait(MINUTE);
  await submitCode(page, world.code(secret));
  await look("home, few recovery codes");
  await page.goto("/account");
  await look("account, few recovery codes and many sessions");
};

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

  world.wait(MINUTE);
  await signOut(page);
  await signInWith(page, "password");
  await look("code of one of two apps");
  await page.locator("#trust_device").check();
  await signInByCode(page, world, secret);
  await look("home, two apps");
  await page.goto("/account");
  await page.getByText("Rename KeePassXC").click();
  await look("account, renaming");
  await page.getByLabel("New name").last().fill("Authenticator app");
  await press(page, page.getByRole("button", { name: "Save the new name of KeePassXC" }));
  await look("account, new name refused");
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
  for (const refused of ["short", "x".repeat(1_025), "password1", "abcdefghij", "24.11.2026", "latchkey1"]) {
    await changePassword(page, "password", refused);
    await lookAtSizes(page, `password, ${refused.slice(0, 10)} refused`);
  }
  for (let i = 0; i < 5; i++) await changePassword(page, "not this one", "tulip granite seventeen");
  await look("password, current one refused");
  await changePassword(page, "not this one", "tulip granite seventeen");
  await look("password delayed");

  await page.goto("/account/history");
  await look("history");
  await page.goto("/account/history?page=2");
  await look("history, nothing older");
  world.wait(24 * HOUR);
  await page.goto("/account/history");
  await signInWith(page, "password");
  for (let i = 0; i < 40; i++) await world.auth.unlockAccount("test");
  await page.goto("/account/history");
  await look("history, more than a page");
};

const aWrongClock: Walk = async (page, world, look) => {
  await page.goto("/login");
  await signInWith(page, "password");
  const secret = secretOf(await scanQr(page));
  await submitCode(
    page,
    totpAt(fromBase32(secret), world.now() / 1000, { ...AUTHENTICATOR_APP, algorithm: "SHA256" }),
  );
  await look("set-up, another algorithm");
  await setUpByQr(page, world);
  await signOut(page);

  world.wait(HOUR);
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
    world.wait(minutes * MINUTE);
    await page.goto("/login/2fa/resync");
    await submitPair(page, world, secret, -30);
  }
  await look("two codes, locked for longer than the sign-in lasts");
  await press(page, page.getByRole("main").getByRole("button", { name: "Back to sign-in" }));

  world.wait(8 * MINUTE);
  await signInWith(page, "password");
  await page.goto("/login/2fa/resync");
  await submitPair(page, world, secret, -5);
  await page.goto("/account");
  expect(await page.getByRole("row", { name: /Its clock is about 2 minutes behind/ }).isVisible()).toBe(true);
  await look("account, a clock that is behind");
};

async function submitPair(page: Page, world: World, secret: string, steps: number): Promise<void> {
  await page.locator("#otp_next").fill(world.code(secret, steps + 1));
  await submitCode(page, world.code(secret, steps));
}

it.each([
  ["the way in", theWayIn, {}],
  ["a lost phone", aLostPhone, {}],
  ["the account", theAccount, {}],
  ["a wrong clock", aWrongClock, { RESYNC: "on" }],
])(
  "every page of %s passes axe in both colour schemes and fits small phones, desktops and readers' settings",
  async (_name, walk, settings) => {
    const world = await openWorld({ CONTACT: "help@example.org", ...settings });
    const page = await openPage(browser(), world.address);
    await walk(page, world, (name) => look(page, name));
    await closePage(page);
    await world.close();
  },
  300_000,
);

/** Looks at the page as it stands in each of the ways in which people see it. */
async function look(page: Page, name: string): Promise<void> {
  const problems: unknown[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const found = colorScheme === "light" ? await axe(page) : await axeColours(page);
    problems.push(...found.map((violation) => [colorScheme, ...violation]));
  }
  expect([name, problems]).toEqual([name, []]);
  await lookAtSizes(page, name);
}

type Violation = [rule: string, html: string | undefined];

async function axe(page: Page): Promise<Violation[]> {
  const runOnly = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const builder = new AxeBuilder({ page }).setLegacyMode().options({ runOnly, resultTypes: ["violations"] });
  const { violations } = await builder.analyze();
  return violations.map(({ id, nodes }) => [id, nodes[0]?.html]);
}

/** The scheme changes colours alone; axe is in the page by now, and bringing it is what takes long. */
function axeColours(page: Page): Promise<Violation[]> {
  return page.evaluate(`axe
    .run({ runOnly: ["color-contrast", "link-in-text-block"], resultTypes: ["violations"] })
    .then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))`);
}

const SPACED =
  "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }" +
  "p { margin-bottom: 2em !important }";
const LARGE = "html { font-size: 200% }";

/** Text spacing as in WCAG 1.4.12, text twice as large as in 1.4.4, targets as in 2.5.8. */
const SIZES = [
  [320, ""],
  [768, ""],
  [1280, ""],
  [320, SPACED],
  [1280, LARGE],
] as const;

/** Enough where only the words differ from those of a page that was looked at. */
async function lookAtSizes(page: Page, name: string): Promise<void> {
  const problems: unknown[] = [];
  for (const [width, style] of SIZES) {
    await page.setViewportSize({ width, height: 800 });
    const { overflow, small, twice } = await measure(page, style);
    if (overflow > 0) problems.push([width, style, `${overflow} px too wide`]);
    problems.push(...small.map((html) => [width, style, "small", html]));
    problems.push(...twice.map((text) => ["twice", text]));
  }
  expect([name, problems]).toEqual([name, []]);
}

/** How far the page is wider than its window, which targets are under 24 px, and which names of a table's controls occur twice. */
function measure(page: Page, style: string): Promise<{ overflow: number; small: string[]; twice: string[] }> {
  // A sheet made by script is not held up by the Content-Security-Policy, as a reader's own would not be.
  return page.evaluate(`(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(${JSON.stringify(style)});
    document.adoptedStyleSheets = [sheet];
    const { scrollWidth, clientWidth } = document.documentElement;
    const targets = "button, input:not([type=hidden], .visually-hidden), summary, a.btn, a.brand, .row-actions a";
    const isSmall = (target) => {
      const { width, height } = target.getBoundingClientRect();
      return target.checkVisibility() && (width < 24 || height < 24);
    };
    const small = [...document.querySelectorAll(targets)].filter(isSmall).map((target) => target.outerHTML);
    const names = [...document.querySelectorAll("table :is(a, button, summary)")].map((control) => control.textContent);
    const twice = names.filter((name, index) => names.indexOf(name) !== index);
    document.adoptedStyleSheets = [];
    return { overflow: scrollWidth - clientWidth, small, twice };
  })()`);
}

/** Wrong codes from everywhere, until only the operator can open the account. */
async function lockUntilUnlocked(world: World): Promise<void> {
  const account = await world.store.accounts.byUsername("test");
  for (let i = 0; i < 100; i++) {
    const rule = { free: 1_000, delays: [1], window: null };
    await world.store.throttle.count(`second-factor ${account?.id} x${i}`, rule, world.now(), account?.id);
  }
}

async function changePassword(page: Page, current: string, next: string): Promise<void> {
  await page.locator("#current_password").fill(current);
  await page.locator("#new_password").fill(next);
  await press(page, page.getByRole("button", { name: "Change password" }));
}
