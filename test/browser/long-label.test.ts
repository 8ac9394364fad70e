/** The longest name that a host may give a person, without a blank: pages stay as wide as a small phone. */
import { expect, it } from "vitest";
import { browserOfThisFile, closePage, openPage, submitCode } from "../support/browser.js";
import { openHostWorld } from "../support/host-world.js";
import { secretOn } from "../support/visitor.js";

const browser = browserOfThisFile();

it("stays within 320 pixels when a host's label is 200 characters long", async () => {
  const world = await openHostWorld();
  world.said.user = { id: 1, username: "W".repeat(200) };
  const page = await openPage(browser(), world.address, { viewport: { width: 320, height: 568 } });
  const widths: Record<string, number> = {};
  const measure = async (name: string) => {
    widths[name] = await page.evaluate<number>("document.documentElement.scrollWidth");
  };
  await page.goto("/host-login");
  await measure("set-up");
  await submitCode(page, world.code(secretOn(await page.content())));
  await measure("codes");
  for (const path of ["/account", "/account/history", "/logout", "/confirm", "/account/authenticators/new"]) {
    await page.goto(path);
    await measure(path);
  }
  await page.goto("/host-login");
  await measure("code");
  expect(Object.values(widths)).toEqual(Object.values(widths).map(() => 320));
  await closePage(page);
});
