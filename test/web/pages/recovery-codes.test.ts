/** The check of recovery codes: one of them is typed back. Until then there is a reminder, and a warning when few are left. */
import { beforeEach, describe, expect, it } from "vitest";
import { LOW_RECOVERY_CODES, RECOVERY_CODES, SECOND_FACTOR_RULE } from "../../../src/auth/policy.js";
import { formatRecoveryCode, recoveryCodeFrom } from "../../../src/auth/recovery/recovery-code.js";
import { message } from "../../../src/web/catalogue/message.js";
import { refusalProblem } from "../../../src/web/text/refusals.js";
import { english } from "../../support/english.js";
import { sqlOn } from "../../support/other-program.js";
import { proseOf, wordsOf } from "../../support/page-text.js";
import { expectProblem } from "../../support/refused-codes.js";
import { makeCodes, setUpWithSheet } from "../../support/sign-in.js";
import { messagesOn, reasonOn, type Visitor } from "../../support/visitor.js";
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
/** When the newest codes were checked. */
async function checkedAt() {
  const [newest] = await sqlOn<{ at: number }>(
    world,
    "select proved_at as at from recovery_sheets order by number desc",
  );
  return newest?.at;
}
const codeAt = (position: number) => codes[position - 1] ?? "";

/** Right in itself, and no code of this account. */
const strange = (n = 0) => formatRecoveryCode(recoveryCodeFrom(new Uint8Array(10).fill(7 + n)));

function mistyped(code: string): string {
  return `${code.slice(0, -1)}${code.endsWith("X") ? "Y" : "X"}`;
}

/** Signs in again with a recovery code. */
async function spend(position: number) {
  await visitor.post("/logout");
  await visitor.password();
  return visitor.recoveryCode(codeAt(position));
}

describe("a recovery code that is typed back", () => {
  it("checks the copy and leads on to the wanted page", async () => {
    const answer = await prove(codeAt(3), { next: "/account/history?page=1" });
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/account/history?page=1");
    const { text } = await visitor.get("/account/history?page=1");
    expect(messagesOn(text)).toEqual(["codes-checked"]);
    expect(proseOf(text)).toContain(english(message("codes-checked", { set: 1 })));
    expect(await checkedAt()).toBe(world.now());
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
    expect(await sqlOn(world, "select 1 from recovery_codes where used_at is null")).toHaveLength(
      RECOVERY_CODES,
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

  it("is refused with the date of the newer set when its own was replaced", async () => {
    await visitor.post("/account/recovery-codes", { sheet: "2" });
    world.advance(10 * MINUTE);
    const answer = await prove(codeAt(5));
    expect(answer.status).toBe(401);
    expectProblem(
      answer,
      refusalProblem({ outcome: "recovery-code-refused", reason: "replaced", at: NOW }, NOW),
    );
    expect(wordsOf(answer.text)).toContain("Your current set is set 2, made 24 Nov 2026.");
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

describe("recovery codes that nobody has checked", () => {
  const reminder = english(message("standing-check-copy"));
  const reminds = async () => proseOf((await visitor.get("/")).text).includes(reminder);
  const hasForm = async () =>
    (await visitor.get("/account?check=copy")).text.includes('action="/account/recovery-codes/proof"');

  it("bring up a reminder on the start page, and a form on the account page, until they are", async () => {
    expect([await reminds(), await hasForm()]).toEqual([true, true]);
    expect((await visitor.get("/")).text).toContain('data-standing="check-copy"');
    await prove(codeAt(1));
    expect([await reminds(), await hasForm()]).toEqual([false, false]);
  });

  it("bring the reminder up again when they are a new set", async () => {
    await prove(codeAt(1));
    codes = await makeCodes(visitor, 2);
    expect(await reminds()).toBe(true);
    await prove(codeAt(1));
    expect(await reminds()).toBe(false);
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

  const isWarned = (html: string) => html.includes('class="alert alert-warning" role="status"');

  it("comes at sign-in when three or fewer are left, and when none is", async () => {
    for (let position = 1; position < RECOVERY_CODES - LOW_RECOVERY_CODES; position++) await spend(position);
    expect(isWarned(await arrive())).toBe(false);
    for (let left = LOW_RECOVERY_CODES; left >= 0; left--) {
      await spend(RECOVERY_CODES - left);
      expect(isWarned(await arrive()), `${left} left`).toBe(true);
    }
  });
});
