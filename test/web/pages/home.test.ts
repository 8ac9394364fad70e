/** The start page: what this is and one button; signed in, the ways back in and the one next step. */
import { beforeEach, describe, expect, it } from "vitest";
import { LOW_RECOVERY_CODES, RECOVERY_CODES } from "../../../src/auth/policy.js";
import { addAuthenticator, NEW_AUTHENTICATOR as NEW } from "../../support/account-page.js";
import { setUpWithSheet } from "../../support/sign-in.js";
import type { Visitor } from "../../support/visitor.js";
import { openWorld, type World } from "../../support/world.js";

let world: World;
let visitor: Visitor;
beforeEach(async () => {
  world = await openWorld();
  visitor = world.visitor();
});

/** The one main button: where it leads, and its words. */
async function nextStep(address = "/") {
  const { text } = await visitor.get(address);
  const buttons = [...text.matchAll(/<a class="[^"]*btn-primary[^"]*" href="([^"]*)">([^<]*)<\/a>/g)];
  expect(buttons).toHaveLength(1);
  return { href: buttons[0]?.[1], words: buttons[0]?.[2] };
}

const prove = (code = "") => visitor.post("/account/recovery-codes/proof", { recovery_code: code });

/** Signs in anew with a recovery code. */
async function spend(code = "") {
  await visitor.post("/logout");
  await visitor.password();
  await visitor.recoveryCode(code);
}

describe("the start page for strangers", () => {
  it("says what this is, and suggests to sign in", async () => {
    expect(await nextStep()).toEqual({ href: "/login", words: "Sign in" });
    expect((await visitor.get("/")).text).toContain("a code from an app that only you hold");
  });

  it("suggests to go on with the second step when the password is proved", async () => {
    await visitor.password();
    expect(await nextStep()).toEqual({ href: "/login/2fa", words: "Continue signing in" });
  });
});

describe("the start page in a session", () => {
  it("names the account, and counts the ways back in", async () => {
    await setUpWithSheet(world, visitor);
    const { text } = await visitor.get("/");
    expect(text).toContain("You are signed in as <b>test</b>");
    expect(text).toContain("<b>Authenticator app</b>");
    expect(text).toContain(`<b>${RECOVERY_CODES} recovery codes</b>`);
    expect(text).toMatch(/Set 1, made on <time[^>]*>24 November 2026</);
  });

  it("suggests to prove the sheet, then a second authenticator, then nothing more", async () => {
    const { codes } = await setUpWithSheet(world, visitor);
    expect(await nextStep()).toEqual({ href: "/account#recovery-codes", words: "Prove your sheet" });
    await prove(codes[0]);
    expect(await nextStep()).toEqual({ href: NEW, words: "Add a second authenticator" });
    await addAuthenticator(world, visitor);
    expect(await nextStep()).toEqual({ href: "/account", words: "See your account" });
  });

  it("suggests no proof of a sheet that a sign-in has used", async () => {
    const { secret, codes } = await setUpWithSheet(world, visitor);
    await spend(codes[0]);
    await visitor.post("/logout");
    await visitor.password();
    await visitor.code(world.code(secret));
    expect(await nextStep()).toEqual({ href: NEW, words: "Add a second authenticator" });
  });

  it("suggests new recovery codes when few or none are left", async () => {
    const { secret, codes } = await setUpWithSheet(world, visitor);
    await prove(codes[9]);
    for (const code of codes.slice(0, RECOVERY_CODES - LOW_RECOVERY_CODES)) await spend(code);
    await visitor.post("/logout");
    await visitor.password();
    await visitor.code(world.code(secret));
    expect(await nextStep()).toEqual({ href: "/account/recovery-codes", words: "Make new recovery codes" });
    for (const code of codes.slice(RECOVERY_CODES - LOW_RECOVERY_CODES)) await spend(code);
    await visitor.post("/logout");
    await visitor.password();
    world.advance(30_000);
    await visitor.code(world.code(secret));
    expect(await nextStep()).toEqual({ href: "/account/recovery-codes", words: "Make recovery codes" });
    expect((await visitor.get("/")).text).toContain("<b>0 recovery codes</b>");
  });

  it("suggests to replace the app after a recovery code, until it is replaced", async () => {
    const { codes } = await setUpWithSheet(world, visitor);
    await prove(codes[9]);
    await spend(codes[0]);
    const step = await nextStep();
    expect(step.words).toBe("Replace your app");
    expect(step.href).toMatch(/^\/account\/authenticators\/new\?replaces=[\w-]+$/);
    world.advance(1_000);
    await addAuthenticator(world, visitor, "", step.href);
    expect(await nextStep()).toEqual({ href: NEW, words: "Add a second authenticator" });
  });

  it("leads to the list when several apps may be the lost one", async () => {
    const { codes } = await setUpWithSheet(world, visitor);
    await addAuthenticator(world, visitor);
    await spend(codes[0]);
    expect(await nextStep()).toEqual({ href: "/account#authenticators", words: "Replace the lost app" });
  });

  it("leads on to the wanted page, and to no other site", async () => {
    await setUpWithSheet(world, visitor);
    expect((await visitor.get("/?next=/account/history")).text).toContain(
      '<a href="/account/history">Continue',
    );
    for (const away of [
      "https://evil.example/",
      "//evil.example",
      "/\\evil.example",
      "javascript:alert(1)",
    ]) {
      const { text } = await visitor.get(`/?next=${encodeURIComponent(away)}`);
      expect(text).not.toContain("evil.example");
      expect(text).not.toContain("javascript:");
    }
  });
});
