/** Every page and state: WCAG 2.2 AA in both colour schemes, whole on a small phone, calm under a reader's spacing. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
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
import { createWorld, HOUR, MINUTE, type World } from "../support/world.js";

const browser = browserOfThisFile();

describe.each(["light", "dark"] as const)("in the %s scheme", (colorScheme) => {
  it("every page passes axe and fits a phone, a tablet and a desktop", async () => {
    const world = await createWorld({ CONTACT: "help@example.org" });
    const page = await openPage(browser(), world.address, { colorScheme });
    await walkThroughAllPages(page, world, async (name) => {
      const { violations } = await new AxeBuilder({ page })
        .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
        .analyze();
      expect(violations.map(({ id, nodes }) => [name, id, nodes[0]?.html])).toEqual([]);
      for (const width of [320, 768, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        expect([name, width, await overflow(page)]).toEqual([name, width, 0]);
      }
      expect([name, await smallTargets(page)]).toEqual([name, []]);
    });
    await closePage(page);
    await world.close();
  });
});

const SPACED =
  "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }" +
  "p { margin-bottom: 2em !important }";
const LARGE = "html { font-size: 200% }";

it.each([
  ["the text spacing of WCAG 1.4.12, on a small phone", SPACED, 320],
  ["text twice as large, on a desktop", LARGE, 1280],
])("nothing is cut off under %s", async (_what, content, width) => {
  const world = await createWorld();
  const viewport = { width, height: 800 };
  const page = await openPage(browser(), world.address, { viewport, bypassCSP: true });
  await walkThroughAllPages(page, world, async (name) => {
    await page.addStyleTag({ content });
    expect([name, await overflow(page)]).toEqual([name, 0]);
  });
  await page.context().close();
  await world.close();
});

/** Goes through the pages and states in the order in which a person may meet them. */
async function walkThroughAllPages(page: Page, world: World, look: (name: string) => Promise<void>) {
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
  const secret = (await scanQr(page)).searchParams.get("secret") ?? "";
  await page.locator("details").first().locator("summary").click();
  await submitCode(page, world.code(secret, 20));
  await look("set-up refused");
  for (let i = 0; i < 4; i++) await submitCode(page, world.code(secret, 20));
  await look("set-up locked");
  world.wait(MINUTE);
  await page.goto("/login/2fa");
  await submitCode(page, world.code(secret));
  await look("signed in");
  await page.goto("/account");
  await look("account");
  await press(page, page.getByRole("button", { name: "Sign out" }));
  await look("signed out");

  await signInWith(page, "password");
  await look("code");
  await page.locator("summary").click();
  await look("code, help open");
  await submitCode(page, "12345");
  await look("code, not six digits");
  await submitCode(page, world.code(secret, 20));
  await look("code refused");
  for (let i = 0; i < 4; i++) await submitCode(page, world.code(secret, 20));
  await look("code locked");
  // Codes that never stop being wrong, until only the operator can open the account.
  const account = await world.store.accounts.byUsername("test");
  for (let i = 0; i < 100; i++) {
    const rule = { free: 1_000, delays: [1], window: null };
    await world.store.throttle.count(`pool ${i}`, rule, world.now(), account?.id);
  }
  await page.goto("/login/2fa");
  await look("code locked until unlocked");
  world.wait(HOUR);
  await page.goto("/login/2fa");
  await look("expired");
}

/** How far the page is wider than its window. */
function overflow(page: Page): Promise<number> {
  return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
}

/** Buttons, fields and links outside running text that are under 24 px (WCAG 2.5.8). */
async function smallTargets(page: Page): Promise<string[]> {
  const targets = await page.locator("button, input:not([type=hidden]), summary, a.btn, a.brand").all();
  const small: string[] = [];
  for (const target of targets) {
    const box = await target.boundingBox();
    if (box && (box.width < 24 || box.height < 24)) small.push(await target.innerHTML());
  }
  return small;
}
