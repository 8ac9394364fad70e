/** The start page: what this is and one button; signed in, the ways back in and the one next step. */
import { beforeEach, describe, expect, it } from "vitest";
import { setUpWithSheet } from "../../support/sign-in.js";
import type { Visitor } from "../../support/visitor.js";
import { openWorld, type World } from "../../support/world.js";

const NEW = "/account/authenticators/new";

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

/** Sets up one more authenticator, or one in place of another. */
async function add(address = NEW) {
  const key = /<code id="key"[^>]*>([A-Z2-7 ]+)</.exec((await visitor.get(address)).text)?.[1] ?? "";
  const answer = await visitor.post(address, { name: "", otp: world.code(key.replaceAll(" ", "")) });
  if (answer.status !== 303) throw new Error(`Adding failed with ${answer.status}.`);
}

/** Signs in anew with a recovery code. */
async function spend(code = "") {
  await visitor.post("/logout");
  await visitor.password();
  await visitor.recoveryCode(code);
}

describe("to whom is not signed in, the start page", () => {
  it("says what this is, and suggests to sign in", async () => {
    expect(await nextStep()).toEqual({ href: "/login", words: "Sign in" });
    expect((await visitor.get("/")).text).toContain("a code from an app that only you hold");
  });

  it("suggests to go on behind the password", async () => {
    await visitor.password();
    expect(await nextStep()).toEqual({ href: "/login/2fa", words: "Continue signing in" });
  });
});

describe("signed in, the start page", () => {
  it("says who one is, and counts the ways back in", async () => {
    await setUpWithSheet(world, visitor);
    const { text } = await visitor.get("/");
    expect(text).toContain("You are signed in as <b>test</b>");
    expect(text).toContain("<b>Authenticator app</b>");
    expect(text).toContain("<b>10 recovery codes</b>");
    expect(text).toMatch(/Set 1, made on <time[^>]*>24 November 2026</);
  });

  it("suggests to prove the sheet, then a second authenticator, then nothing more", async () => {
    const { codes } = await setUpWithSheet(world, visitor);
    expect(await nextStep()).toEqual({ href: "/account#recovery-codes", words: "Prove your sheet" });
    await prove(codes[0]);
    expect(await nextStep()).toEqual({ href: NEW, words: "Add a second authenticator" });
    await add();
    expect(await nextStep()).toEqual({ href: "/account", words: "See your account" });
  });

  it("takes a sheet for proved once one has signed in from it", async () => {
    const { secret, codes } = await setUpWithSheet(world, visitor);
    await spend(codes[0]);
    await visitor.post("/logout");
    await visitor.password();
    await visitor.code(world.code(secret));
    expect(await nextStep()).toEqual({ href: NEW, words: "Add a second authenticator" });
  });

  it("suggests new recovery codes where few, or none, are left", async () => {
    const { secret, codes } = await setUpWithSheet(world, visitor);
    await prove(codes[9]);
    for (const code of codes.slice(0, 7)) await spend(code);
    await visitor.post("/logout");
    await visitor.password();
    await visitor.code(world.code(secret));
    expect(await nextStep()).toEqual({ href: "/account/recovery-codes", words: "Make new recovery codes" });
    for (const code of codes.slice(7)) await spend(code);
    await visitor.post("/logout");
    await visitor.password();
    world.wait(30_000);
    await visitor.code(world.code(secret));
    expect(await nextStep()).toEqual({ href: "/account/recovery-codes", words: "Make recovery codes" });
    expect((await visitor.get("/")).text).toContain("<b>0 recovery codes</b>");
  });

  it("suggests to replace the app after a recovery code, until it was replaced", async () => {
    const { codes } = await setUpWithSheet(world, visitor);
    await prove(codes[9]);
    await spend(codes[0]);
    const step = await nextStep();
    expect(step.words).toBe("Replace your app");
    expect(step.href).toMatch(/^\/account\/authenticators\/new\?replaces=[\w-]+$/);
    world.wait(1_000);
    await add(step.href);
    expect(await nextStep()).toEqual({ href: NEW, words: "Add a second authenticator" });
  });

  it("leads to the list where several apps may be the lost one", async () => {
    const { codes } = await setUpWithSheet(world, visitor);
    await add();
    await spend(codes[0]);
    expect(await nextStep()).toEqual({ href: "/account#authenticators", words: "Replace the lost app" });
  });

  it("leads on to where one was going, and to no other site", async () => {
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
