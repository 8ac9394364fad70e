/** A real browser that blocks cookies: the reason that a person with the right password gets. */
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { browserOfThisFile, closePage, openPage, pathOf, press, signInWith } from "../support/browser.js";
import { openWorld, type World } from "../support/world.js";

const browser = browserOfThisFile();

/** The site as a browser that blocks cookies sees it: no answer sets one. @returns its address, and a way to allow them again */
async function withoutCookies(world: World) {
  let isBlocked = true;
  const server = createServer((req, res) => {
    const { method, url, headers } = req;
    const passed = request(world.address + url, { method, headers }, (answer) => {
      const { "set-cookie": cookies = [], ...others } = answer.headers;
      res.writeHead(answer.statusCode ?? 500, isBlocked ? others : { ...others, "set-cookie": cookies });
      answer.pipe(res);
    });
    req.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    allow() {
      isBlocked = false;
    },
  };
}

describe("a browser that blocks cookies", () => {
  it("gets the reason after a right password, and signs in once it allows them", async () => {
    const site = await withoutCookies(await openWorld());
    const page = await openPage(browser(), site.address);
    await page.goto("/login?notice=sign-in&next=%2Faccount%2Fhistory");
    await signInWith(page, "password");
    expect(page.url()).toBe(`${site.address}/login?notice=cookies-blocked&next=%2Faccount%2Fhistory`);
    await page.locator(".alert[role=status]").first().waitFor();
    expect(await page.locator("input[name=next]").inputValue()).toBe("/account/history");
    // The brand on that page is a link, not a form.
    await press(page, page.locator("a.brand"));
    expect(pathOf(page)).toBe("/");

    await page.goto("/login");
    await signInWith(page, "not the password");
    await signInWith(page, "password");
    expect(page.url()).toBe(`${site.address}/login?notice=cookies-blocked`);
    site.allow();
    await signInWith(page, "password");
    expect(pathOf(page)).toBe("/login/2fa");
    expect(await page.locator("#key").count()).toBe(1);
    await closePage(page);
  });
});
