/** The example with users of its own: what it costs to add Latchkey to it, and the same people before and after, in a real browser. */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { type AppProcess, startApp } from "./support/app-process.js";
import {
  browserOfThisFile,
  closePage,
  headingOf,
  openPage,
  pathOf,
  press,
  submitCode,
} from "./support/browser.js";
import { codeOf } from "./support/by-the-clock.js";
import { look } from "./support/look.js";
import { newFolder } from "./support/new-folder.js";
import { exampleProject, root } from "./support/project.js";

const browser = browserOfThisFile();
const project = exampleProject("own-users");

/** Its lines but for blank ones. */
const linesOf = (file: string) =>
  readFileSync(path.join(root, "examples/own-users", file), "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "");

describe("adding Latchkey to an app with users of its own", () => {
  it("takes at most 25 lines, new and changed, in an app of some 70", () => {
    const before = linesOf("before.js");
    const code = before.filter((line) => !/^\s*\/[/*]/.test(line));
    expect(code.length).toBeGreaterThan(60);
    expect(code.length).toBeLessThan(80);
    const rest = [...before];
    const added = linesOf("app.js").filter((line) => {
      const at = rest.indexOf(line);
      if (at >= 0) rest.splice(at, 1);
      return at < 0;
    });
    expect(added.length).toBeGreaterThan(0);
    expect(added.length).toBeLessThanOrEqual(25);
    // What the app had stays: these lines alone are changed, each into one of the new.
    expect(rest.length).toBeLessThanOrEqual(3);
  });
});

describe("the example with users of its own", () => {
  it("keeps its people's passwords, and asks for a code of those alone who want it", async () => {
    const env = { USERS_FILE: path.join(newFolder(), "users.sqlite") };
    const before = await startApp(project, ["before.js"], env);
    await inBrowser(before, async (page) => {
      await page.goto("/");
      await look(page);
      for (const username of ["alice", "bob"]) {
        await page.goto("/sign-up");
        await fill(page, username, `the password of ${username}`, "Sign up");
        expect(await headingOf(page)).toBe(`Hello ${username}`);
      }
      await page.goto("/settings");
      await press(page, page.getByRole("button", { name: "Sign out" }));
      await signIn(page, "alice", "the password of bob");
      expect(pathOf(page)).toBe("/sign-in");
      await signIn(page, "alice");
      expect(await headingOf(page)).toBe("Hello alice");
    });
    expect(await before.stop()).toBe(0);

    const app = await startApp(project, ["app.js"], env);
    let secret = "";
    await inBrowser(app, async (page) => {
      await signIn(page, "alice");
      expect(await headingOf(page)).toBe("Hello alice");
      await press(page, page.getByRole("link", { name: "Settings" }));
      await look(page);
      await fill(page, "alice", "not the password", "Turn on a second factor");
      expect(await page.getByText("don’t match").count()).toBe(1);
      await fill(page, "alice", "the password of alice", "Turn on a second factor");
      expect(pathOf(page)).toBe("/2fa/login/2fa");
      secret = (await page.locator("#key").textContent())?.replaceAll(" ", "") ?? "";
      await submitCode(page, codeOf(secret, -1));
      await press(page, page.getByRole("button", { name: "Check later" }));
      expect(pathOf(page)).toBe("/settings");
      await look(page);
    });

    await inBrowser(app, async (page) => {
      await signIn(page, "bob");
      expect(await headingOf(page)).toBe("Hello bob");
    });

    await inBrowser(app, async (page) => {
      await signIn(page, "alice");
      expect(pathOf(page)).toBe("/2fa/login/2fa");
      // The password alone has opened no session of the app.
      await page.goto("/");
      expect(await headingOf(page)).toBe("Welcome");
      await page.goto("/2fa/login/2fa");
      await submitCode(page, codeOf(secret));
      expect([pathOf(page), await headingOf(page)]).toEqual(["/", "Hello alice"]);
      await page.goto("/settings");
      await press(page, page.getByRole("link", { name: "Your app and codes" }));
      expect(pathOf(page)).toBe("/2fa/account");
      await page.goto("/settings");
      await press(page, page.getByRole("button", { name: "Sign out" }));
      await page.goto("/2fa/account");
      expect(pathOf(page)).toBe("/sign-in");

      await signIn(page, "alice");
      await submitCode(page, codeOf(secret, 1));
      await page.goto("/settings");
      await press(page, page.getByRole("button", { name: "Turn off" }));
      expect(await page.getByRole("button", { name: "Turn on a second factor" }).count()).toBe(1);
      await press(page, page.getByRole("button", { name: "Sign out" }));
      await signIn(page, "alice");
      expect(await headingOf(page)).toBe("Hello alice");
    });
    expect(await app.stop()).toBe(0);
  }, 90_000);

  it("takes no form of another site's", async () => {
    const app = await startApp(project, ["app.js"], { USERS_FILE: path.join(newFolder(), "users.sqlite") });
    const foreign = app.visitor({ "Sec-Fetch-Site": "cross-site" });
    for (const form of ["/sign-up", "/sign-in", "/sign-out", "/second-factor/on", "/second-factor/off"])
      expect([form, (await foreign.post(form, { username: "alice" })).status]).toEqual([form, 403]);
    expect((await app.visitor().post("/second-factor/off")).status).toBe(303);
    await app.stop();
  });
});

/** In a window without cookies. */
async function inBrowser(app: AppProcess, walk: (page: Page) => Promise<void>): Promise<void> {
  const page = await openPage(browser(), app.address);
  await walk(page);
  await closePage(page);
}

async function fill(page: Page, username: string, password: string, button: string): Promise<void> {
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Password").fill(password);
  await press(page, page.getByRole("button", { name: button }));
}

async function signIn(page: Page, username: string, password = `the password of ${username}`): Promise<void> {
  await page.goto("/sign-in");
  await fill(page, username, password, "Sign in");
}
