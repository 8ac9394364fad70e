/** A look at a page: axe in both colour schemes, and whole at each width, text size and spacing. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import { closePage, openPage } from "../support/browser.js";
import { openWorld, type World } from "../support/world.js";

/** Goes through pages and states in the order in which a person may meet them, and looks at each. */
export type Walk = (page: Page, world: World, look: (name: string) => Promise<void>) => Promise<void>;

/** Takes a walk, and looks at each page on the way. */
export async function lookAlong(
  walk: Walk,
  browser: Browser,
  settings: Record<string, string> = {},
): Promise<void> {
  const world = await openWorld({ CONTACT: "help@example.org", ...settings });
  const page = await openPage(browser, world.address);
  await walk(page, world, (name) => look(page, name));
  await closePage(page);
}

/** Looks at the page as it stands: in both colour schemes, at each size. */
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

/** The second scheme changes colours alone. axe is in the page already; loading it takes longest. */
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
  [390, ""],
  [768, ""],
  [1280, ""],
  [320, SPACED],
  [1280, LARGE],
] as const;

/** Widths, text sizes and spacing alone: enough where only the words differ from a page that was looked at. */
export async function lookAtSizes(page: Page, name: string): Promise<void> {
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
  // The Content-Security-Policy allows a style sheet made by script, as it allows a reader's own.
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
