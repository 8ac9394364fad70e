/** Every page of one-time links: WCAG 2.2 AA, whole on a small phone; and an invitation from the link to the session, scripts or not. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { browserOfThisFile, closePage, openPage, press, setUpByQr } from "../support/browser.js";
import { addWithoutPassword, CHOSEN, newLink } from "../support/links.js";
import { addAccount, setUp } from "../support/sign-in.js";
import { openWorld } from "../support/world.js";
import { lookAlong, type Walk } from "./look.js";

const browser = browserOfThisFile();

async function send(page: Page, password: string): Promise<void> {
  await page.locator('input[type="password"]').fill(password);
  await press(page, page.locator('main button[type="submit"]'));
}

const theLinks: Walk = async (page, world, look) => {
  const { password } = await addAccount(world, "alice");
  await addWithoutPassword(world);
  const first = await newLink(world, "anna");
  const invitation = await newLink(world, "anna");
  await page.goto(first);
  await look("a link that was ended");
  await page.goto("/link/nothing");
  await look("a link that does not exist");
  await page.goto(invitation);
  await look("an invitation");
  await send(page, "short");
  await look("an invitation, password refused");
  await send(page, CHOSEN);
  await page.goto(invitation);
  await look("a link that was used");

  const secret = await setUp(world, world.visitor(), "alice", password);
  expect(secret).not.toBe("");
  await page.goto(await newLink(world, "alice", "passwordLink"));
  await look("a link for a password, signed in as somebody else");
  const reset = await newLink(world, "alice", "resetSecondFactor");
  await page.context().clearCookies();
  await page.goto(reset);
  await look("the link of a reset");
  for (let n = 0; n < 5; n++) await send(page, `wrong ${n}`);
  await look("the link of a reset, password refused");
  await send(page, "wrong once more");
  await look("the link of a reset, delayed");
  world.advance(3_600_000);
  await page.goto("/login");
  await page.locator("#username").fill("alice");
  await send(page, password);
  await look("a login that needs the link");
  world.advance(30 * 86_400_000);
  await page.goto(reset);
  await look("a link that has expired");
};

describe("every page of one-time links", () => {
  it(
    "passes axe in both colour schemes, and fits small phones, desktops and readers' settings",
    () => lookAlong(theLinks, browser(), { DEMO: "off" }),
    300_000,
  );
});

describe.each([
  ["with scripts", true],
  ["without scripts", false],
])("an invitation, %s", (_how, javaScriptEnabled) => {
  it("leads from the link to the session, and its address into no Referer", async () => {
    const world = await openWorld({ DEMO: "off" });
    await addWithoutPassword(world);
    const page = await openPage(browser(), world.address, { javaScriptEnabled });
    const referers: (string | undefined)[] = [];
    page.on("request", (request) => referers.push(request.headers().referer));
    const path = await newLink(world, "anna");
    await page.goto(path);
    await send(page, CHOSEN);
    expect(new URL(page.url()).pathname).toBe("/login/2fa");
    await setUpByQr(page, world);
    await page.goto("/account");
    expect(await page.locator("main").textContent()).toContain("anna");
    await page.goto(path);
    await press(page, page.getByRole("link", { name: "Continue" }));
    expect(new URL(page.url()).pathname).toBe("/");
    expect(referers.filter((referer) => referer?.includes("/link/"))).toEqual([]);
    await closePage(page);
  });
});
