/** The way in when the app is lost: a recovery code in place of the second factor, and what it says afterwards. */
import { beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_POLICY, RECOVERY_CODES, SECOND_FACTOR_RULE } from "../../../src/auth/policy.js";
import { formatRecoveryCode, recoveryCodeFrom } from "../../../src/auth/recovery/recovery-code.js";
import { refusalProblem } from "../../../src/web/text/refusals.js";
import { proseOf } from "../../support/page-text.js";
import { expectProblem } from "../../support/refused-codes.js";
import { makeCodes, setUpWithSheet } from "../../support/sign-in.js";
import { messagesOn, reasonOn, type Visitor } from "../../support/visitor.js";
import { MINUTE, openWorld, type World } from "../../support/world.js";
import { mistyped as mistypedCode } from "../../support/wrong-codes.js";

/** A moment in the minute in which each world begins: pages say times to the minute. */
const NOW = new Date("2026-11-24T12:00:10Z");

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
  it("is linked from the code page, and says that each works once and whom to ask", async () => {
    await visitor.password();
    expect((await visitor.get("/login/2fa")).text).toContain('href="/login/recovery-code"');
    const page = await visitor.get("/login/recovery-code");
    expect(page.status).toBe(200);
    expect(page.text).toContain("Each code works once");
    expect(page.text).toContain("mailto:help@example.org");
    expect(page.text).toContain('href="/login/2fa"');
  });

  it("leads to the set-up when there are no codes yet", async () => {
    await world.auth.createAccount({ username: "alice", password: "correct horse battery" });
    const alice = world.visitor();
    await alice.password("alice", "correct horse battery");
    const page = await alice.get("/login/recovery-code");
    expect(page.status).toBe(303);
    expect(page.headers.location).toBe("/login/2fa");
  });
});

describe("signing in with a recovery code", () => {
  it("says which code was used and how many are left, and offers to replace the app", async () => {
    await visitor.password();
    const answer = await visitor.recoveryCode(codeAt(4).toLowerCase().replaceAll("-", " "));
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/");
    const home = await visitor.get("/");
    expect(messagesOn(home.text)[0]).toBe("codes-used");
    expect(proseOf(home.text)).toContain("Code 4 of set 1 is spent: cross it out. 9 are left.");
    expect(home.text).toContain('data-message="signed-in-');
    expect(home.text).toMatch(/href="\/account\/authenticators\/new\?replaces=[\w-]+">Replace your app</);
    expect((await visitor.get("/account")).text).toContain('data-detail="password recovery-code"');
  });

  it("counts as a step-up, so that the new app can be set up at once", async () => {
    await visitor.password();
    await visitor.recoveryCode(codeAt(1));
    const link =
      /href="(\/account\/authenticators\/new[^"]*)"/.exec((await visitor.get("/")).text)?.[1] ?? "";
    const page = await visitor.get(link);
    expect(page.status).toBe(200);
    expect(page.text).toContain("Replace your app</h1>");
  });

  it("keeps the wanted page, one link away from the start page", async () => {
    await visitor.password("test", "password", { next: "/account/history?page=1&x=2" });
    const answer = await visitor.recoveryCode(codeAt(1));
    expect(answer.headers.location).toBe("/?next=%2Faccount%2Fhistory%3Fpage%3D1%26x%3D2");
    const home = await visitor.get(answer.headers.location ?? "");
    expect(home.text).toContain('<a href="/account/history?page=1&amp;x=2">Continue');
  });

  it("names the newer set when there is one", async () => {
    await visitor.password();
    await visitor.code(world.code(secret));
    const [newest = ""] = await makeCodes(visitor, 2);
    await visitor.post("/logout");
    await visitor.password();
    await visitor.recoveryCode(newest);
    expect((await visitor.get("/")).text).toContain("Code 1 of set 2 is spent");
  });

  it("says so when one is left, and when none is", async () => {
    const said: string[] = [];
    for (let position = 1; position <= RECOVERY_CODES; position++) {
      await visitor.password();
      await visitor.recoveryCode(codeAt(position));
      said.push((await visitor.get("/")).text);
      await visitor.post("/logout");
    }
    expect(said[8]).toContain("1 is left.");
    expect(said[9]).toContain("None is left.");
  });
});

describe("a recovery code that is refused", () => {
  const strange = formatRecoveryCode(recoveryCodeFrom(new Uint8Array(10).fill(7)));
  const mistyped = () => `${codeAt(1).slice(0, -1)}${codeAt(1).endsWith("X") ? "Y" : "X"}`;

  it.each([
    ["it has a typing mistake", mistyped, "typo"],
    ["it is none of the account's", () => strange, "unknown"],
    ["it is a code of the app", () => world.code(secret), "code-for-recovery-code"],
    ["nothing is typed", () => "", "not-a-recovery-code"],
  ])("says so when %s", async (_what, typed, reason) => {
    await visitor.password();
    const answer = await visitor.recoveryCode(typed());
    expect(answer.status).toBe(401);
    expect(answer.text).toContain("<title>Error: Enter a recovery code");
    expect(reasonOn(answer.text)).toBe(reason);
  });

  it("says the date of its use when it was used", async () => {
    await visitor.password();
    await visitor.recoveryCode(codeAt(1));
    await visitor.post("/logout");
    world.advance(90 * MINUTE);
    await visitor.password();
    const answer = await visitor.recoveryCode(codeAt(1));
    expect(answer.status).toBe(401);
    expectProblem(answer, refusalProblem({ outcome: "recovery-code-refused", reason: "used", at: NOW }, NOW));
  });

  it("says the date of the newer set when its own was replaced", async () => {
    await visitor.password();
    await visitor.code(world.code(secret));
    await visitor.post("/account/recovery-codes", { sheet: "2" });
    await visitor.post("/logout");
    world.advance(90 * MINUTE);
    await visitor.password();
    const answer = await visitor.recoveryCode(codeAt(1));
    expect(answer.status).toBe(401);
    expectProblem(
      answer,
      refusalProblem({ outcome: "recovery-code-refused", reason: "replaced", at: NOW }, NOW),
    );
  });

  it("starts a delay the fifth time, whose length the page says", async () => {
    await visitor.password();
    for (let tries = 0; tries < SECOND_FACTOR_RULE.free; tries++)
      await visitor.recoveryCode(mistypedCode(codeAt(1), tries));
    const answer = await visitor.recoveryCode(codeAt(1));
    expect(answer.status).toBe(429);
    expect(answer.headers["retry-after"]).toBe("60");
    expect(answer.text).toMatch(/try again in <strong[^>]*>1 minute</);
    expect(answer.text).not.toContain('name="recovery_code"');
    world.advance(MINUTE);
    expect((await visitor.recoveryCode(codeAt(1))).status).toBe(303);
  });

  it("leads back to the sign-in page, with the username, when the time ran out", async () => {
    await visitor.password();
    world.advance(DEFAULT_POLICY.pendingLogin);
    const late = await visitor.recoveryCode(codeAt(1));
    expect(late.headers.location).toBe("/login?notice=expired");
    expect((await visitor.get("/login?notice=expired")).text).toContain('value="test"');
  });
});
