/** Forms are sent once, and are never left disabled: every form of every page, on a server that does not answer. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Page, Route } from "playwright-core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RECOVERY_CODES } from "../../src/auth/policy.js";
import {
  browserOfThisFile,
  closePage,
  codesOnSheet,
  openPage,
  press,
  scanQr,
  secretOf,
  setUpByQr,
  signInByCode,
  signInWith,
  signOut,
} from "../support/browser.js";
import { openWorld, type World } from "../support/world.js";

const browser = browserOfThisFile();
let world: World;
let page: Page;
/** The paths of the POSTs while none was answered. */
let sent: string[];
beforeEach(async () => {
  world = await openWorld({ RESYNC: "on" });
  page = await openPage(browser(), world.address);
  sent = [];
});
afterEach(() => closePage(page));

/** From now on no POST is answered. @returns a way to answer again */
async function holdAnswers(): Promise<() => Promise<void>> {
  const hold = (url: URL) => url.origin === world.address;
  await page.route(hold, (route) => {
    const request = route.request();
    if (request.method() !== "POST") return route.continue();
    sent.push(new URL(request.url()).pathname);
    return new Promise(() => {});
  });
  return () => page.unroute(hold);
}

const HANDS = `
  const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const buttonOf = (index) => document.querySelectorAll("form[method=post]")[index].querySelector("[type=submit]");
  const stop = async () => { await rest(150); window.stop(); await rest(100); };
`;

/**
 * Presses, presses again, stops, and presses once more, all inside the page: a page that is navigating cannot be queried from
 * outside.
 */
async function pressAround(index: number): Promise<string[]> {
  sent = [];
  await page.evaluate(`(async () => { ${HANDS}
    const button = buttonOf(${index});
    button.click();
    await rest(100);
    button.click();
    await stop();
    window.between = true;
    button.click();
    await stop();
  })()`);
  return sent;
}

/** Tries each form of this page; returns how many there are. */
async function tryAllForms(where: string): Promise<number> {
  const letGo = await holdAnswers();
  const actions = await page.evaluate<string[]>(
    "[...document.querySelectorAll('form[method=post]')].map((form) => new URL(form.action).pathname)",
  );
  for (const [index, action] of actions.entries()) {
    expect(await pressAround(index), `${where}: ${action}`).toEqual([action, action]);
  }
  await letGo();
  return actions.length;
}

describe("a form without an answer", () => {
  it("is sent once on a double press, and again after Stop, on each page", async () => {
    let forms = 0;
    const tryForms = async (where: string, path?: string) => {
      if (path) await page.goto(path);
      forms += await tryAllForms(where);
    };
    await tryForms("sign-in", "/login");
    await signInWith(page, "password");
    await tryForms("set-up");
    const { secret } = await setUpByQr(page, world);
    await tryForms("recovery codes shown");
    const other = world.visitor();
    await other.password();
    await other.code(world.code(secret), { trust_device: "on" });
    world.advance(30_000);
    await tryForms("home", "/");
    await tryForms("account", "/account");
    await tryForms("account, checking a copy", "/account?check=copy");
    await tryForms("confirm", "/confirm");
    await tryForms("new password", "/account/password");
    await tryForms("new recovery codes", "/account/recovery-codes");
    await tryForms("new authenticator", "/account/authenticators/new");
    await page.goto("/account");
    await signOut(page);
    await signInWith(page, "password");
    await tryForms("code");
    await tryForms("recovery code", "/login/recovery-code");
    await tryForms("two codes", "/login/2fa/resync");
    await page.goto("/login/2fa");
    await signInByCode(page, world, secret);
    expect(new URL(page.url()).pathname).toBe("/");
    expect(forms).toBeGreaterThan(25);
  });

  it("is sent again after some seconds when the browser does not report Stop", async () => {
    await page.addInitScript(`
      Object.defineProperty(window, "navigation", { value: undefined });
      const now = performance.now.bind(performance);
      window.later = 0;
      performance.now = () => now() + window.later;
    `);
    await page.goto("/login");
    await holdAnswers();
    const pressAfter = (ms: number) =>
      page.evaluate(`(async () => { ${HANDS}
        window.later += ${ms};
        buttonOf(0).click();
        await stop();
      })()`);
    await pressAfter(0);
    expect(sent).toHaveLength(1);
    await pressAfter(1_000);
    expect(sent).toHaveLength(1);
    await pressAfter(4_000);
    expect(sent).toHaveLength(2);
  });

  it.each(["Control", "Shift"] as const)(
    "stays usable when %s opened its answer in another tab or window",
    async (key) => {
      await page.goto("/login");
      const button = page.getByRole("button", { name: "Continue" });
      for (const turn of [1, 2]) {
        const opened = page.context().waitForEvent("page");
        await button.click({ modifiers: [key], noWaitAfter: true });
        const other = await opened;
        await other.locator(".problem-summary").waitFor();
        expect(await other.title(), `turn ${turn}`).toContain("Error: Sign in");
        await other.close();
      }
      expect(new URL(page.url()).pathname).toBe("/login");
      await page.getByLabel("Username").fill("test");
      await page.getByLabel("Password", { exact: true }).fill("password");
      await press(page, button);
      expect(new URL(page.url()).pathname).toBe("/login/2fa");
    },
  );

  it("hides a shown password, and shows it again when asked", async () => {
    await page.goto("/login");
    await page.getByLabel("Username").fill("test");
    const field = page.locator("#password");
    await field.fill("password");
    await page.getByRole("button", { name: "Show password" }).click();
    const letGo = await holdAnswers();
    await page.evaluate(`(async () => { ${HANDS} buttonOf(0).click(); await stop(); })()`);
    await letGo();
    expect(await field.getAttribute("type")).toBe("password");
    await page.getByRole("button", { name: "Show password" }).click();
    expect(await field.getAttribute("type")).toBe("text");
    expect(await field.inputValue()).toBe("password");
    await field.press("Enter");
    await page.waitForURL("**/login/2fa");
  });
});

describe("a form that makes recovery codes", () => {
  it("is sent once by two quick presses, so that the codes that the first has made are shown", async () => {
    await page.goto("/login");
    await signInWith(page, "password");
    await page.locator("#otp").fill(world.code(secretOf(await scanQr(page))));
    const sent: Route[] = [];
    await page.route("**/login/2fa", (route) => {
      sent.push(route);
    });
    await page.getByRole("button", { name: "Confirm and continue" }).focus();
    await page.keyboard.press("Enter");
    // Not before the first is on its way: until then Chromium itself drops the first for the second.
    await vi.waitUntil(() => sent.length > 0);
    await page.keyboard.press("Enter");
    await sleep(200);
    expect(sent).toHaveLength(1);
    await sent[0]?.continue();
    await page.locator("#sheet").waitFor();
    expect(await codesOnSheet(page)).toHaveLength(RECOVERY_CODES);
  });
});
