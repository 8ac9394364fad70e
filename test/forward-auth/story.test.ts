/** The story of a page behind nginx: it leads to the sign-in and back, and to a step-up. */
import { describe, expect, it } from "vitest";
import {
  browserOfThisFile,
  closePage,
  codesOnSheet,
  openPage,
  pathOf,
  scanQr,
  secretOf,
  signInWith,
  signOut,
  submitCode,
  submitRecoveryCode,
} from "../support/browser.js";
import { startNginx } from "../support/reverse-proxy.js";
import { identityIn } from "./heard.js";
import { PASSWORD, Phone, siteOfThisFile } from "./site.js";

const site = siteOfThisFile(startNginx);
const browser = browserOfThisFile(["--host-resolver-rules=MAP *.example.test 127.0.0.1"]);

describe("an app behind nginx, in a browser", () => {
  it("takes a person through the sign-in to the page that was wanted", async () => {
    const { app, signIn, addAccount, heard } = site();
    const pagesHeard = () => heard.splice(0).filter(({ url }) => url !== "/favicon.ico");
    const name = "alice";
    await addAccount(name);
    const page = await openPage(browser(), app, { ignoreHTTPSErrors: true });
    const wanted = `${app}/reports/caf%C3%A9?from=1%262&to=%2Fx`;

    await page.goto(wanted);
    expect(new URL(page.url()).origin).toBe(signIn);
    await signInWith(page, "not the password", name);
    await signInWith(page, PASSWORD, name);
    const phone = new Phone(secretOf(await scanQr(page)));
    await submitCode(page, await phone.code());
    const [recoveryCode = ""] = await codesOnSheet(page);
    expect(pagesHeard()).toEqual([]);

    // The check of the recovery codes is a form whose answer leads to the other host: the page's form-action must allow it.
    await submitRecoveryCode(page, recoveryCode);
    expect(page.url()).toBe(wanted);
    expect(pagesHeard().map((request) => identityIn(request)["remote-user"])).toEqual([[name]]);

    await page.goto(signIn);
    await signOut(page);
    await page.goto(wanted);
    expect(pathOf(page)).toBe("/login");
    expect(pagesHeard()).toEqual([]);

    await signInWith(page, PASSWORD, name);
    await page.locator("#trust_device").check();
    await submitCode(page, await phone.code());
    expect(page.url()).toBe(wanted);

    // On a trusted browser /admin asks for a code all the same.
    await page.goto(signIn);
    await signOut(page);
    await page.goto(wanted);
    await signInWith(page, PASSWORD, name);
    expect(page.url()).toBe(wanted);
    pagesHeard();
    await page.goto(`${app}/admin/users?page=2`);
    expect(pathOf(page)).toBe("/confirm");
    expect(pagesHeard()).toEqual([]);
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await submitCode(page, await phone.code());
    expect(page.url()).toBe(`${app}/admin/users?page=2`);
    expect(pagesHeard().map((request) => request.page)).toEqual(["admin"]);
    await closePage(page);
  });
});
