/** The start page: what this is and one button; signed in, how safe the account is, and the ways back in. */
import { beforeEach, describe, expect, it } from "vitest";
import { LOW_RECOVERY_CODES, RECOVERY_CODES } from "../../../src/auth/policy.js";
import { CHECK_COPY_PATH } from "../../../src/web/pages/standing.js";
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

/** The one main button: where it leads. */
async function mainButton() {
  const { text } = await visitor.get("/");
  const buttons = [...text.matchAll(/<a class="[^"]*btn-primary[^"]*" href="([^"]*)">/g)];
  expect(buttons).toHaveLength(1);
  return buttons[0]?.[1];
}

/** How safe the account is, in one word, and where the button beside it leads. */
async function standing() {
  const { text } = await visitor.get("/");
  const [card = "", reason] = /<section [^>]*data-standing="([\w-]+)".*?<\/section>/s.exec(text) ?? [];
  return [reason, /<a class="btn [^"]*" href="([^"]*)">/.exec(card)?.[1]];
}

const prove = (code = "") => visitor.post("/account/recovery-codes/proof", { recovery_code: code });

/** Signs in again with a recovery code. */
async function spend(code = "") {
  await visitor.post("/logout");
  await visitor.password();
  await visitor.recoveryCode(code);
}

describe("the start page for strangers", () => {
  it("says what this is in three facts, and suggests to sign in", async () => {
    const { text } = await visitor.get("/");
    expect(await mainButton()).toBe("/login");
    expect(/<ul class="trio".*?<\/ul>/s.exec(text)?.[0].match(/<h2>/g)).toHaveLength(3);
    expect(text).toContain(`${RECOVERY_CODES} spare keys`);
    // The six cuts of the key, by which it is a picture of a code.
    expect([...text.matchAll(/<text x="[\d.]+" y="48">(\d)</g)].map(([, digit]) => digit).join("")).toBe(
      "287082",
    );
  });

  it("suggests to go on with the second step when the password is proved", async () => {
    await visitor.password();
    expect(await mainButton()).toBe("/login/2fa");
    expect((await visitor.get("/")).text).not.toContain("<b>test</b>");
  });
});

describe("the start page in a session", () => {
  it("names the account, and counts the ways back in", async () => {
    await setUpWithSheet(world, visitor);
    const { text } = await visitor.get("/");
    expect(text).toContain("<title>Signed in – Latchkey</title>");
    expect(text).toContain("<h1>Signed in as <b>test</b></h1>");
    expect(text).toContain("<b>Authenticator app</b>");
    expect(text).toContain(`<b>${RECOVERY_CODES} recovery codes</b>`);
    expect(text).toMatch(/Set 1, made on <time [^>]*>24 Nov/);
  });

  it("suggests to check the copy, then a second app, then nothing more", async () => {
    const { codes } = await setUpWithSheet(world, visitor);
    expect(await standing()).toEqual(["check-copy", CHECK_COPY_PATH]);
    await prove(codes[0]);
    expect(await standing()).toEqual(["second-app", NEW]);
    await addAuthenticator(world, visitor);
    expect(await standing()).toEqual(["good", undefined]);
    expect((await visitor.get("/")).text).toContain('href="/account">See your account');
  });

  it("suggests no check of a copy that a sign-in has used", async () => {
    const { secret, codes } = await setUpWithSheet(world, visitor);
    await spend(codes[0]);
    await visitor.post("/logout");
    await visitor.password();
    await visitor.code(world.code(secret));
    expect(await standing()).toEqual(["second-app", NEW]);
  });

  it("suggests new recovery codes when few or none are left", async () => {
    const { secret, codes } = await setUpWithSheet(world, visitor);
    await prove(codes[9]);
    for (const code of codes.slice(0, RECOVERY_CODES - LOW_RECOVERY_CODES)) await spend(code);
    await visitor.post("/logout");
    await visitor.password();
    await visitor.code(world.code(secret));
    expect(await standing()).toEqual(["make-new-codes", "/account/recovery-codes"]);
    for (const code of codes.slice(RECOVERY_CODES - LOW_RECOVERY_CODES)) await spend(code);
    await visitor.post("/logout");
    await visitor.password();
    world.advance(30_000);
    await visitor.code(world.code(secret));
    expect(await standing()).toEqual(["make-codes", "/account/recovery-codes"]);
    expect((await visitor.get("/")).text).toContain("<b>No recovery codes</b>");
  });

  it("suggests to replace the app after a recovery code, until it is replaced", async () => {
    const { codes } = await setUpWithSheet(world, visitor);
    await prove(codes[9]);
    await spend(codes[0]);
    const [reason, href] = await standing();
    expect(reason).toBe("replace-app");
    expect(href).toMatch(/^\/account\/authenticators\/new\?replaces=[\w-]+$/);
    world.advance(1_000);
    await addAuthenticator(world, visitor, "", href);
    expect(await standing()).toEqual(["second-app", NEW]);
  });

  it("leads to the list when several apps may be the lost one", async () => {
    const { codes } = await setUpWithSheet(world, visitor);
    await addAuthenticator(world, visitor);
    await spend(codes[0]);
    expect(await standing()).toEqual(["replace-lost-app", "/account#authenticators"]);
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
