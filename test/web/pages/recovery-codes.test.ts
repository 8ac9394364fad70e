/** The check of recovery codes: one of them is typed back. Until then there is a reminder, and a warning when few are left. */
import { beforeEach, describe, expect, it } from "vitest";
import { LOW_RECOVERY_CODES, RECOVERY_CODES, SECOND_FACTOR_RULE } from "../../../src/auth/policy.js";
import { formatRecoveryCode, recoveryCodeFrom } from "../../../src/auth/recovery/recovery-code.js";
import { refusalProblem } from "../../../src/web/text/refusals.js";
import { wordsOf } from "../../support/page-text.js";
import { expectProblem } from "../../support/refused-codes.js";
import { makeCodes, setUpWithSheet } from "../../support/sign-in.js";
import { reasonOn, type Visitor } from "../../support/visitor.js";
import { MINUTE, openWorld, type World } from "../../support/world.js";

/** A moment in the minute in which each world begins: pages say times to the minute. */
const NOW = new Date("2026-11-24T12:00:10Z");

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

describe("a recovery code that is typed back", () => {
  it("proves the sheet and leads on to the wanted page", async () => {
    const answer = await prove(codeAt(3), { next: "/account/history?page=1" });
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/account/history?page=1");
    expect((await visitor.get("/account/history?page=1")).text).toContain(
      "Your sheet is right: set 1 is saved",
    );
    expect(wordsOf((await visitor.get("/account")).text)).toContain("Proved 24 November 2026");
  });

  it("leads to the account page when no page of this site is wanted", async () => {
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
  ])("is taken %s", async (_how, typed) => {
    const code = codes.find((one) => /0/.test(one) && /1/.test(one)) ?? codes.find((one) => /[01]/.test(one));
    expect((await prove(typed(code ?? codeAt(1)))).status).toBe(303);
  });

  it("is not spent: it still signs in", async () => {
    await prove(codeAt(4));
    expect(wordsOf((await visitor.get("/account")).text)).toContain(
      `Unused ${RECOVERY_CODES} of ${RECOVERY_CODES}`,
    );
    expect((await spend(4)).status).toBe(303);
  });

  it("is refused at its field, and the wanted page kept, when it has a typing mistake", async () => {
    const answer = await prove(mistyped(codeAt(1)), { next: "/account/history" });
    expect(answer.status).toBe(401);
    expect(answer.text).toContain("<title>Error: ");
    expectProblem(answer, refusalProblem({ outcome: "recovery-code-refused", reason: "typo" }, NOW));
    expect(answer.text).toContain('<input type="hidden" name="next" value="/account/history">');
  });

  it("is refused when it is none of the account's", async () => {
    const answer = await prove(strange());
    expect(answer.status).toBe(401);
    expect(reasonOn(answer.text)).toBe("unknown");
  });

  it("is refused with the date of its use when it was used", async () => {
    await spend(2);
    world.advance(10 * MINUTE);
    const answer = await prove(codeAt(2));
    expect(answer.status).toBe(401);
    expectProblem(answer, refusalProblem({ outcome: "recovery-code-refused", reason: "used", at: NOW }, NOW));
  });

  it("is refused with the date of the newer sheet when its own was replaced", async () => {
    await visitor.post("/account/recovery-codes", { sheet: "2" });
    world.advance(10 * MINUTE);
    const answer = await prove(codeAt(5));
    expect(answer.status).toBe(401);
    expectProblem(
      answer,
      refusalProblem({ outcome: "recovery-code-refused", reason: "replaced", at: NOW }, NOW),
    );
    expect(wordsOf(answer.text)).toContain("The sheet that counts is set 2, made on 24 November 2026");
  });

  it("is refused, and not counted, when it has not the shape of a recovery code", async () => {
    for (const typed of ["", "12345", "not a recovery code at all", codeAt(1).slice(1)]) {
      const answer = await prove(typed);
      expect(answer.status).toBe(401);
      expect(reasonOn(answer.text)).toBe("not-a-recovery-code");
    }
    for (let tries = 0; tries < 3; tries++) await prove("123456");
    expect((await prove(codeAt(1))).status).toBe(303);
  });

  it("is not evaluated during the delay after five wrong ones, whose length the page says", async () => {
    for (let tries = 0; tries < SECOND_FACTOR_RULE.free; tries++) await prove(strange(tries));
    const answer = await prove(codeAt(1));
    expect(answer.status).toBe(429);
    expect(answer.headers["retry-after"]).toBe("60");
    expect(reasonOn(answer.text)).toBe("locked");
    expect(wordsOf(answer.text)).toContain("try again in 1 minute");
    world.advance(MINUTE);
    expect((await prove(codeAt(1))).status).toBe(303);
  });
});

describe("a sheet without proof", () => {
  it("brings up a reminder on the start page and on the account page, until it is proved", async () => {
    const home = await visitor.get("/");
    expect(home.text).toContain("Prove your sheet");
    expect(home.text).toContain('href="/account#recovery-codes"');
    const account = await visitor.get("/account");
    expect(wordsOf(account.text)).toContain("Proved not yet");
    expect(account.text).toContain('action="/account/recovery-codes/proof"');
    await prove(codeAt(1));
    expect((await visitor.get("/")).text).not.toContain("Prove your sheet");
    expect((await visitor.get("/account")).text).not.toContain('action="/account/recovery-codes/proof"');
  });

  it("brings the reminder up again when it is a new one", async () => {
    await prove(codeAt(1));
    codes = await makeCodes(visitor, 2);
    expect((await visitor.get("/")).text).toContain("Prove your sheet");
    await prove(codeAt(1));
    expect((await visitor.get("/")).text).not.toContain("Prove your sheet");
  });
});

describe("the warning of few recovery codes", () => {
  /** Signs in with a code from the app, and reads the page that this leads to. */
  async function arrive(): Promise<string> {
    await visitor.post("/logout");
    await visitor.password();
    await visitor.code(world.code(secret));
    world.advance(30_000);
    return (await visitor.get("/")).text;
  }

  it("comes at sign-in when three or fewer are left, and when none is", async () => {
    for (let position = 1; position < RECOVERY_CODES - LOW_RECOVERY_CODES; position++) await spend(position);
    expect(await arrive()).not.toMatch(/You have (only|no recovery)/);
    await spend(RECOVERY_CODES - LOW_RECOVERY_CODES);
    expect(await arrive()).toContain(`You have only ${LOW_RECOVERY_CODES} recovery codes left`);
    expect(wordsOf((await visitor.get("/account")).text)).toContain(
      `Only ${LOW_RECOVERY_CODES} codes are left`,
    );
    for (const position of [8, 9]) await spend(position);
    expect(await arrive()).toContain("You have only 1 recovery code left");
    await spend(10);
    expect(await arrive()).toContain("You have no recovery codes left");
    expect(wordsOf((await visitor.get("/account")).text)).toContain(`Unused 0 of ${RECOVERY_CODES}`);
  });
});
