/** The proof that a sheet exists: one of its codes typed back. Until then a reminder, and warnings when few are left. */
import { beforeEach, describe, expect, it } from "vitest";
import { formatRecoveryCode, recoveryCodeFrom } from "../../../src/auth/recovery/recovery-code.js";
import { codesOn, setUpWithSheet } from "../../support/sign-in.js";
import type { Visitor } from "../../support/visitor.js";
import { MINUTE, openWorld, type World } from "../../support/world.js";

let world: World;
let visitor: Visitor;
let secret: string;
let codes: string[];
beforeEach(async () => {
  world = await openWorld();
  visitor = world.visitor();
  ({ secret, codes } = await setUpWithSheet(world, visitor));
});

const prove = (typed: string, more: Record<string, string> = {}) =>
  visitor.post("/account/recovery-codes/proof", { recovery_code: typed, ...more });
const codeAt = (position: number) => codes[position - 1] ?? "";

/** A page's words, as a person reads them. */
function text(html: string): string {
  return html
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .replace(/ (?=[,.])/g, "");
}

/** Right in itself, and no code of this account. */
const strange = (n = 0) => formatRecoveryCode(recoveryCodeFrom(new Uint8Array(10).fill(7 + n)));

function mistyped(code: string): string {
  return `${code.slice(0, -1)}${code.endsWith("X") ? "Y" : "X"}`;
}

/** Signs in anew with a recovery code. */
async function spend(position: number) {
  await visitor.post("/logout");
  await visitor.password();
  return visitor.recoveryCode(codeAt(position));
}

describe("a code typed back", () => {
  it("proves the sheet, leads on to where one was going, and the account page says so", async () => {
    const answer = await prove(codeAt(3), { next: "/account/history?page=1" });
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/account/history?page=1");
    expect((await visitor.get("/account/history?page=1")).text).toContain(
      "Your sheet is right: set 1 is saved",
    );
    expect(text((await visitor.get("/account")).text)).toContain("Proved 24 November 2026");
  });

  it("leads to the account page without a place to go, or with one that is not of this site", async () => {
    expect((await prove(codeAt(1))).headers.location).toBe("/account");
    expect((await prove(codeAt(1), { next: "//evil.example" })).headers.location).toBe("/account");
  });

  it.each([
    ["in lower case", (code: string) => code.toLowerCase()],
    ["without dashes", (code: string) => code.replaceAll("-", "")],
    ["with spaces for dashes", (code: string) => `  ${code.replaceAll("-", " ")}\r\n`],
    ["with letters for digits", (code: string) => code.replaceAll("0", "O").replaceAll("1", "I")],
    [
      "with small letters for digits",
      (code: string) => code.toLowerCase().replace(/0/g, "o").replace(/1/g, "l"),
    ],
  ])("may be typed %s", async (_how, typed) => {
    const code = codes.find((one) => /0/.test(one) && /1/.test(one)) ?? codes.find((one) => /[01]/.test(one));
    expect((await prove(typed(code ?? codeAt(1)))).status).toBe(303);
  });

  it("is not used up: it still signs in", async () => {
    await prove(codeAt(4));
    expect(text((await visitor.get("/account")).text)).toContain("Unused 10 of 10");
    expect((await spend(4)).status).toBe(303);
  });

  it("is refused with the words for a typing mistake", async () => {
    const answer = await prove(mistyped(codeAt(1)), { next: "/account/history" });
    expect(answer.status).toBe(401);
    expect(answer.text).toContain("<title>Error: ");
    expect(answer.text).toContain("There is a typing mistake in that code");
    expect(answer.text).toContain('<input type="hidden" name="next" value="/account/history">');
    expect(answer.text).toContain('aria-invalid="true"');
  });

  it("is refused with the words for a code that is not the account's", async () => {
    const answer = await prove(strange());
    expect(answer.status).toBe(401);
    expect(answer.text).toContain("well typed, but it is not one of this account");
  });

  it("is refused with the date when it was used", async () => {
    await spend(2);
    world.wait(10 * MINUTE);
    const answer = await prove(codeAt(2));
    expect(answer.status).toBe(401);
    expect(answer.text).toContain("That code was used on 24 November 2026 at 12:00 UTC");
  });

  it("is refused with the date when its sheet was replaced", async () => {
    await visitor.post("/account/recovery-codes", { sheet: "2" });
    world.wait(10 * MINUTE);
    const answer = await prove(codeAt(5));
    expect(answer.status).toBe(401);
    expect(answer.text).toContain(
      "from an old sheet, which a newer one replaced on 24 November 2026 at 12:00 UTC",
    );
    expect(text(answer.text)).toContain("The sheet that counts is set 2, made on 24 November 2026");
  });

  it("is told its shape when it has not that of a recovery code, and nothing is counted", async () => {
    for (const typed of ["", "12345", "not a recovery code at all", codeAt(1).slice(1)]) {
      const answer = await prove(typed);
      expect(answer.status).toBe(401);
      expect(answer.text).toContain("A recovery code is 17 letters and digits, in four groups");
    }
    for (let tries = 0; tries < 3; tries++) await prove("123456");
    expect((await prove(codeAt(1))).status).toBe(303);
  });

  it("is not looked at after five wrong ones, and the page says for how long", async () => {
    for (let tries = 0; tries < 5; tries++) await prove(strange(tries));
    const answer = await prove(codeAt(1));
    expect(answer.status).toBe(429);
    expect(answer.headers["retry-after"]).toBe("60");
    expect(answer.text).toContain("Too many codes were refused");
    expect(text(answer.text)).toContain("try again in 1 minute");
    world.wait(MINUTE);
    expect((await prove(codeAt(1))).status).toBe(303);
  });
});

describe("a sheet that nobody proved", () => {
  it("is a reminder on the start page and on the account page, until it is", async () => {
    const home = await visitor.get("/");
    expect(home.text).toContain("Prove your sheet");
    expect(home.text).toContain('href="/account#recovery-codes"');
    const account = await visitor.get("/account");
    expect(text(account.text)).toContain("Proved not yet");
    expect(account.text).toContain('action="/account/recovery-codes/proof"');
    await prove(codeAt(1));
    expect((await visitor.get("/")).text).not.toContain("Prove your sheet");
    expect((await visitor.get("/account")).text).not.toContain('action="/account/recovery-codes/proof"');
  });

  it("is one again after a new set", async () => {
    await prove(codeAt(1));
    const made = await visitor.post("/account/recovery-codes", { sheet: "2" });
    expect((await visitor.get("/")).text).toContain("Prove your sheet");
    codes = codesOn(made.text);
    await prove(codeAt(1));
    expect((await visitor.get("/")).text).not.toContain("Prove your sheet");
  });
});

describe("few recovery codes", () => {
  /** Signs in with a code from the app, and reads the page that this leads to. */
  async function arrive(): Promise<string> {
    await visitor.post("/logout");
    await visitor.password();
    await visitor.code(world.code(secret));
    world.wait(30_000);
    return (await visitor.get("/")).text;
  }

  it("are a warning at sign-in from three on, and none left too", async () => {
    for (let position = 1; position <= 6; position++) await spend(position);
    expect(await arrive()).not.toMatch(/You have (only|no recovery)/);
    await spend(7);
    expect(await arrive()).toContain("You have only 3 recovery codes left");
    expect(text((await visitor.get("/account")).text)).toContain("Only 3 codes are left");
    for (const position of [8, 9]) await spend(position);
    expect(await arrive()).toContain("You have only 1 recovery code left");
    await spend(10);
    expect(await arrive()).toContain("You have no recovery codes left");
    expect(text((await visitor.get("/account")).text)).toContain("Unused 0 of 10");
  });
});
