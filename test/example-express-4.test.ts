/** The example on Express 4 in CommonJS, used in a real browser. host-types.test.ts compiles it against that version's types. */
import { describe, expect, it } from "vitest";
import { startApp } from "./support/app-process.js";
import {
  browserOfThisFile,
  closePage,
  openPage,
  pathOf,
  press,
  signInWith,
  submitCode,
} from "./support/browser.js";
import { codeOf } from "./support/by-the-clock.js";
import { look } from "./support/look.js";
import { exampleProject } from "./support/project.js";

const browser = browserOfThisFile();
const project = exampleProject("express-4", { express: "express4" });

describe("the example on Express 4", () => {
  it("is read by everybody, written by anyone who is signed in, and comes back to where the sign-in was wanted", async () => {
    const app = await startApp(project, ["app.js"]);
    const page = await openPage(browser(), app.address);
    await page.goto("/");
    await look(page);
    await press(page, page.getByRole("link", { name: "Write in the book" }));
    expect(pathOf(page)).toBe("/sign-in/login");
    expect(await page.title()).toBe("Sign in – Guest book");
    await signInWith(page, "password");
    const secret = (await page.locator("#key").textContent())?.replaceAll(" ", "") ?? "";
    await submitCode(page, codeOf(secret));
    await press(page, page.getByRole("button", { name: "Check later" }));

    expect(pathOf(page)).toBe("/write");
    await look(page);
    await page.getByRole("textbox").fill("A <b>fine</b> day");
    await press(page, page.getByRole("button", { name: "Write" }));
    expect(await page.getByRole("listitem").textContent()).toBe("A <b>fine</b> day by test");
    await look(page);
    await press(page, page.getByRole("button", { name: "Sign out" }));
    expect(pathOf(page)).toBe("/");
    expect(await page.getByRole("button", { name: "Sign out" }).count()).toBe(0);
    await closePage(page);
    expect(app.output()).not.toContain("Warning");
    expect(await app.stop()).toBe(0);
  }, 60_000);

  it("has its own error pages, and is closed to other sites", async () => {
    const app = await startApp(project, ["app.js"]);
    const program = await app.visitor({ Accept: "application/json" }).get("/write");
    expect([program.status, program.text]).toEqual([401, expect.stringContaining("Sign in first")]);
    const foreign = await app
      .visitor({ "Sec-Fetch-Site": "cross-site" })
      .post("/write", { text: "not mine" });
    expect(foreign.status).toBe(403);
    expect((await app.visitor().get("/no-such-page")).text).toContain('data-message="error-404"');
    await app.stop();
  });
});
