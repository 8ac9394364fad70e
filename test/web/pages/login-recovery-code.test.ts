/** The way in when the app is lost: a recovery code in place of the second factor, and what it says afterwards. */
import { beforeEach, describe, expect, it } from "vitest";
import { formatRecoveryCode, recoveryCodeFrom } from "../../../src/auth/recovery/recovery-code.js";
import { setUpWithSheet } from "../../support/sign-in.js";
import type { Visitor } from "../../support/visitor.js";
import { MINUTE, openWorld, type World } from "../../support/world.js";
import { mistyped as mistypedCode } from "../../support/wrong-codes.js";

let world: World;
let visitor: Visitor;
let secret: string;
let codes: string[];
beforeEach(async () => {
  world = await openWorld({ CONTACT: "help@example.org" });
  visitor = world.visitor();
  ({ secret, codes } = await setUpWithSheet(world, visitor));
  await visitor.post("/logout");
});

const codeAt = (position: number) => codes[position - 1] ?? "";

describe("the page for a recovery code", () => {
  it("is linked from the code page, explains that each works once, and whom to ask without one", async () => {
    await visitor.password();
    expect((await visitor.get("/login/2fa")).text).toContain('href="/login/recovery-code"');
    const page = await visitor.get("/login/recovery-code");
    expect(page.status).toBe(200);
    expect(page.text).toContain("Each code works once");
    expect(page.text).toContain("mailto:help@example.org");
    expect(page.text).toContain('href="/login/2fa"');
  });

  it("leads to the set-up before there is a sheet", async () => {
    await world.auth.addAccount("alice", "correct horse battery");
    const alice = world.visitor();
    await alice.password("alice", "correct horse battery");
    const page = await alice.get("/login/recovery-code");
    expect(page.status).toBe(303);
    expect(page.headers.location).toBe("/login/2fa");
  });
});

describe("signing in with a recovery code", () => {
  it("says which one was used and how many are left, and offers to set up a new app", async () => {
    await visitor.password();
    const answer = await visitor.recoveryCode(codeAt(4).toLowerCase().replaceAll("-", " "));
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/");
    const home = await visitor.get("/");
    expect(home.text).toContain(
      "You used recovery code 4 of set 1: cross it out, it works no more. 9 codes are left.",
    );
    expect(home.text).toContain("Your last sign-in was on 24 November 2026");
    expect(home.text).toMatch(/href="\/account\/authenticators\/new\?replaces=[\w-]+">Replace your app</);
    expect((await visitor.get("/account")).text).toContain("your password and a recovery code");
  });

  it("counts as a step-up: the new app can be set up at once", async () => {
    await visitor.password();
    await visitor.recoveryCode(codeAt(1));
    const link =
      /href="(\/account\/authenticators\/new[^"]*)"/.exec((await visitor.get("/")).text)?.[1] ?? "";
    const page = await visitor.get(link);
    expect(page.status).toBe(200);
    expect(page.text).toContain("Change your phone</h1>");
  });

  it("keeps where one was going, one link away from the start page", async () => {
    await visitor.password("test", "password", { next: "/account/history?page=1&x=2" });
    const answer = await visitor.recoveryCode(codeAt(1));
    expect(answer.headers.location).toBe("/?next=%2Faccount%2Fhistory%3Fpage%3D1%26x%3D2");
    const home = await visitor.get(answer.headers.location ?? "");
    expect(home.text).toContain('<a href="/account/history?page=1&amp;x=2">Continue');
  });

  it("names the set of a newer sheet", async () => {
    await visitor.password();
    await visitor.code(world.code(secret));
    const made = await visitor.post("/account/recovery-codes", { sheet: "2" });
    const [newest = ""] = /[0-9A-Z]{4}(-[0-9A-Z]{4}){2}-[0-9A-Z]{5}/.exec(made.text) ?? [];
    await visitor.post("/logout");
    await visitor.password();
    await visitor.recoveryCode(newest);
    expect((await visitor.get("/")).text).toContain("You used recovery code 1 of set 2");
  });

  it("says it well when one, and when none is left", async () => {
    const said: string[] = [];
    for (let position = 1; position <= 10; position++) {
      await visitor.password();
      await visitor.recoveryCode(codeAt(position));
      said.push((await visitor.get("/")).text);
      await visitor.post("/logout");
    }
    expect(said[8]).toContain("1 code is left.");
    expect(said[8]).toContain("You have only 1 recovery code left");
    expect(said[9]).toContain("None is left.");
    expect(said[9]).toContain("You have no recovery codes left");
  });
});

describe("a recovery code that is refused", () => {
  const strange = formatRecoveryCode(recoveryCodeFrom(new Uint8Array(10).fill(7)));
  const mistyped = () => `${codeAt(1).slice(0, -1)}${codeAt(1).endsWith("X") ? "Y" : "X"}`;

  it.each([
    ["a typing mistake", mistyped, "There is a typing mistake in that code"],
    ["none of the account's", () => strange, "well typed, but it is not one of this account"],
    ["a code of the app", () => world.code(secret), "Those six digits look like a code from your app"],
    ["nothing", () => "", "A recovery code is 17 letters and digits"],
  ])("is told apart: %s", async (_what, typed, words) => {
    await visitor.password();
    const answer = await visitor.recoveryCode(typed());
    expect(answer.status).toBe(401);
    expect(answer.text).toContain("<title>Error: Use a recovery code");
    expect(answer.text).toContain(words);
  });

  it("because it was used is told with the date", async () => {
    await visitor.password();
    await visitor.recoveryCode(codeAt(1));
    await visitor.post("/logout");
    world.wait(90 * MINUTE);
    await visitor.password();
    const answer = await visitor.recoveryCode(codeAt(1));
    expect(answer.status).toBe(401);
    expect(answer.text).toContain("That code was used on 24 November 2026 at 12:00 UTC");
  });

  it("because it is from an old sheet is told with the date", async () => {
    await visitor.password();
    await visitor.code(world.code(secret));
    await visitor.post("/account/recovery-codes", { sheet: "2" });
    await visitor.post("/logout");
    world.wait(90 * MINUTE);
    await visitor.password();
    const answer = await visitor.recoveryCode(codeAt(1));
    expect(answer.status).toBe(401);
    expect(answer.text).toContain(
      "from an old sheet, which a newer one replaced on 24 November 2026 at 12:00 UTC",
    );
  });

  it("five times is followed by a pause, which the page announces with its length", async () => {
    await visitor.password();
    for (let tries = 0; tries < 5; tries++) await visitor.recoveryCode(mistypedCode(codeAt(1), tries));
    const answer = await visitor.recoveryCode(codeAt(1));
    expect(answer.status).toBe(429);
    expect(answer.headers["retry-after"]).toBe("60");
    expect(answer.text).toMatch(/try again in <strong[^>]*>1 minute</);
    expect(answer.text).not.toContain('name="recovery_code"');
    world.wait(MINUTE);
    expect((await visitor.recoveryCode(codeAt(1))).status).toBe(303);
  });

  it("because the time ran out leads back to the start, username kept", async () => {
    await visitor.password();
    world.wait(10 * MINUTE);
    const late = await visitor.recoveryCode(codeAt(1));
    expect(late.headers.location).toBe("/login?notice=expired");
    expect((await visitor.get("/login?notice=expired")).text).toContain('value="test"');
  });
});
