import { readFileSync } from "node:fs";
/** Every page and state: WCAG 2.2 AA in both colour schemes, whole on a small phone, calm under a reader's spacing. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
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
import { createWorld, HOUR, MINUTE, setUp, setUpWithSheet, type World } from "../support/world.js";

const browser = browserOfThisFile();

/** Goes through pages and states in the order in which a person may meet them, and looks at each. */
type Walk = (page: Page, world: World, look: (name: string) => Promise<void>) => Promise<void>;


it("profile", async () => {
  const world = await createWorld();
  const page = await openPage(browser(), world.address);
  await setUp(world, world.visitor());
  const T: Record<string, number> = {};
  const time = async (n: string, f: () => Promise<unknown>) => { const a = performance.now(); await f(); T[n] = (T[n] ?? 0) + performance.now() - a; };
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const source = readFileSync("node_modules/axe-core/axe.min.js", "utf8");
  for (let k = 0; k < 5; k++) {
  await time("goto", () => page.goto("/login"));
  await time("inject", () => page.evaluate(source + ";1"));
  await time("run1", () => page.evaluate(`axe.run({resultTypes:["violations"], runOnly:${JSON.stringify(tags)}}).then((r) => r.violations)`));
  await time("run2", () => page.evaluate(`axe.run({resultTypes:["violations"], runOnly:${JSON.stringify(tags)}}).then((r) => r.violations)`));
  }
  for (let k = 0; k < 5; k++) {
  await time("goto", () => page.goto("/login"));
  await time("builder", () => new AxeBuilder({ page }).setLegacyMode().withRules("document-title").analyze());
  await time("run1 after b", () => page.evaluate(`axe.run({resultTypes:["violations"], runOnly:${JSON.stringify(tags)}}).then((r) => r.violations)`));
  }
  console.log(JSON.stringify(T));
});
const SPACED =
  "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }" +
  "p { margin-bottom: 2em !important }";
const LARGE = "html { font-size: 200% }";

/** Looks at the page as it stands in each of the ways in which people see it. */
async function look(page: Page, name: string): Promise<void> {
  const problems: unknown[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const axe = new AxeBuilder({ page }).setLegacyMode();
    // The scheme changes colours alone.
    if (colorScheme === "light")
      axe.withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]);
    else axe.withRules(["color-contrast", "link-in-text-block"]);
    const { violations } = await axe.analyze();
    problems.push(...violations.map(({ id, nodes }) => [colorScheme, id, nodes[0]?.html]));
  }
  // Text spacing as in WCAG 1.4.12, text twice as large as in 1.4.4, targets as in 2.5.8.
  for (const [width, style] of [
    [320, ""],
    [768, ""],
    [1280, ""],
    [320, SPACED],
    [1280, LARGE],
  ] as const) {
    await page.setViewportSize({ width, height: 800 });
    const { overflow, small, twice } = await measure(page, style);
    if (overflow > 0) problems.push([width, style, `${overflow} px too wide`]);
    problems.push(
      ...small.map((html) => [width, style, "small", html]),
      ...twice.map((text) => ["twice", text]),
    );
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
