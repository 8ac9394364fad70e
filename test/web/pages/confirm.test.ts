/** Step-up: both factors again before a sensitive change, good for ten minutes in this session. */
import { beforeEach, describe, expect, it } from "vitest";
import {
  DEFAULT_POLICY,
  PASSWORD_RULE,
  RECOVERY_CODES,
  SECOND_FACTOR_RULE,
} from "../../../src/auth/policy.js";
import { formatRecoveryCode, recoveryCodeFrom } from "../../../src/auth/recovery/recovery-code.js";
import { message } from "../../../src/web/catalogue/message.js";
import { refusalProblem } from "../../../src/web/text/refusals.js";
import { NEW_AUTHENTICATOR as NEW } from "../../support/account-page.js";
import { expectProblem } from "../../support/refused-codes.js";
import { setUpWithSheet } from "../../support/sign-in.js";
import { reasonOn, type Visitor } from "../../support/visitor.js";
import { MINUTE, openWorld, type World } from "../../support/world.js";
import { nextWrongCode } from "../../support/wrong-codes.js";

const PASSWORD = "/account/password";

let world: World;
let visitor: Visitor;
let secret: string;
let codes: string[];
beforeEach(async () => {
  world = await openWorld();
  visitor = world.visitor();
  ({ secret, codes } = await setUpWithSheet(world, visitor));
});

const code = () => world.code(secret);
const recoveryCode = (recovery_code: string, more: Record<string, string> = {}) =>
  visitor.post("/confirm", { password: "password", recovery_code, ...more });

describe("a step-up", () => {
  it("lasts ten minutes, as a full sign-in does", async () => {
    world.advance(9 * MINUTE + 29_000);
    expect((await visitor.get(PASSWORD)).status).toBe(200);
    world.advance(1_000);
    const late = await visitor.get(PASSWORD);
    expect(late.status).toBe(303);
    expect(late.headers.location).toBe("/confirm?next=%2Faccount%2Fpassword");
    await visitor.confirm("password", code());
    world.advance(10 * MINUTE - 1_000);
    expect((await visitor.get(PASSWORD)).status).toBe(200);
    world.advance(1_000);
    expect((await visitor.get(PASSWORD)).status).toBe(303);
  });

  it("lasts as long as STEP_UP says", async () => {
    const short = await openWorld({ STEP_UP: "2m" });
    const person = short.visitor();
    await setUpWithSheet(short, person);
    short.advance(MINUTE);
    expect((await person.get(PASSWORD)).status).toBe(200);
    short.advance(MINUTE);
    const page = await person.get(PASSWORD);
    expect((await person.get(page.headers.location ?? "")).text).toContain("not again for 2 minutes");
  });

  it("counts for its own browser alone", async () => {
    const other = world.visitor();
    await other.password();
    await other.code(code());
    world.advance(10 * MINUTE);
    await visitor.confirm("password", code());
    expect((await visitor.get(PASSWORD)).status).toBe(200);
    expect((await other.get(PASSWORD)).status).toBe(303);
  });

  it("does not extend the session", async () => {
    world.advance(30 * MINUTE);
    await visitor.confirm("password", code());
    for (let half = 0; half < DEFAULT_POLICY.sessionMax / (30 * MINUTE) - 2; half++) {
      world.advance(30 * MINUTE);
      expect((await visitor.get("/account")).status).toBe(200);
    }
    world.advance(30 * MINUTE);
    expect((await visitor.get("/account")).status).toBe(303);
  });
});

describe("the confirmation page", () => {
  it("says why it asks, for whom and for how long, and keeps the wanted page", async () => {
    const page = await visitor.get("/confirm?next=%2Faccount%2Fpassword");
    expect(page.status).toBe(200);
    expect(page.text).toContain("Confirm that it’s you</h1>");
    expect(page.text).toContain('autocomplete="username" value="test"');
    expect(page.text).toContain("Signed in as <b>test</b>");
    expect(page.text).toContain("not again for 10 minutes");
    expect(page.text).toContain('<input type="hidden" name="next" value="/account/password">');
    for (const name of ["password", "otp", "recovery_code"]) expect(page.text).toContain(`name="${name}"`);
  });

  it("leads on to the wanted page or to the account page, and never to another site", async () => {
    const on = await visitor.confirm("password", code(), { next: `${NEW}?replaces=x` });
    expect(on.status).toBe(303);
    expect(on.headers.location).toBe(`${NEW}?replaces=x`);
    world.advance(30_000);
    expect((await visitor.confirm("password", code())).headers.location).toBe("/account");
    world.advance(30_000);
    const away = await visitor.confirm("password", code(), { next: "https://evil.example/" });
    expect(away.headers.location).toBe("/account");
  });

  it("gives another reason when the page of an app asks", async () => {
    const page = await visitor.get("/confirm?next=%2Fnotes%2Fexport");
    expect(page.text).toContain("The page that you want asks for your password and a code again");
    expect(page.text).not.toContain("not again for");
    expect((await visitor.get("/confirm?next=%2Faccounts")).text).toContain("The page that you want");
  });

  it("warns of spending another recovery code when one was just used", async () => {
    const warning = "use it before you spend another recovery code";
    const wanted = "/confirm?next=%2Fnotes%2Fexport";
    expect((await visitor.get(wanted)).text).not.toContain(warning);
    await recoveryCode(codes[9] ?? "", { next: "/notes/export" });
    expect((await visitor.get(wanted)).text).toContain(warning);
    expect((await visitor.get("/confirm")).text).not.toContain(warning);
    world.advance(11 * MINUTE);
    expect((await visitor.get(wanted)).text).not.toContain(warning);
    await visitor.confirm("password", code());
    expect((await visitor.get(wanted)).text).not.toContain(warning);
  });

  it("takes a recovery code in place of a code, and says which one was used", async () => {
    const answer = await recoveryCode((codes[6] ?? "").toLowerCase(), { next: PASSWORD });
    expect(answer.headers.location).toBe(PASSWORD);
    const page = await visitor.get(PASSWORD);
    expect(page.status).toBe(200);
    expect(page.text).toMatch(new RegExp(`ode 7 of set 1\\b.*\\b${RECOVERY_CODES - 1}\\b`));
  });

  it("takes the code, and spends no recovery code, when both are typed", async () => {
    const both = { recovery_code: codes[0] ?? "" };
    expect((await visitor.confirm("password", "000000", both)).status).toBe(401);
    expect((await visitor.confirm("password", code(), both)).status).toBe(303);
    const account = await world.store.accounts.byUsername("test");
    const left = (await world.store.recoveryCodes.sheetOf(account?.id ?? ""))?.left;
    expect(left).toBe(RECOVERY_CODES);
  });
});

describe("a refused step-up", () => {
  it("says that the password is wrong at its field", async () => {
    expectProblem(await visitor.confirm("wrong", code()), {
      reason: "wrong-password",
      text: message("confirm-wrong-password"),
      advice: message("confirm-wrong-password-advice"),
      field: "password",
    });
  });

  const strange = formatRecoveryCode(recoveryCodeFrom(new Uint8Array(10).fill(7)));
  const mistyped = () => `${codes[0]?.slice(0, -1)}${codes[0]?.endsWith("X") ? "Y" : "X"}`;

  it.each([
    ["the password is wrong", { password: "wrong", otp: "000000" }, "password", "wrong-password"],
    ["the password is missing", { otp: "000000" }, "password", "wrong-password"],
    ["the code is wrong", { password: "password", otp: "000000" }, "otp", "wrong"],
    ["the code is none", { password: "password", otp: "12 34" }, "otp", "not-a-code"],
    ["there is neither code", { password: "password" }, "otp", "not-a-code"],
    [
      "the recovery code is none",
      { password: "password", recovery_code: "ABCD" },
      "recovery_code",
      "not-a-recovery-code",
    ],
    [
      "the recovery code is none of the account's",
      { password: "password", recovery_code: strange },
      "recovery_code",
      "unknown",
    ],
  ])("says so at its field, and keeps the wanted page, when %s", async (_what, typed, field, reason) => {
    const answer = await visitor.post("/confirm", { ...typed, next: PASSWORD });
    expect(answer.status).toBe(401);
    expect(answer.text).toContain("<title>Error: Confirm that it’s you");
    expect(reasonOn(answer.text)).toBe(reason);
    expect(answer.text).toContain(`href="#${field}"`);
    expect(answer.text).toContain(`id="${field}-problem"`);
    expect(answer.text).toContain('<input type="hidden" name="next" value="/account/password">');
    expect(answer.text).not.toContain('value="wrong"');
  });

  it("tells a recovery code with a typing mistake from a used one", async () => {
    const typo = await recoveryCode(mistyped());
    expect(typo.status).toBe(401);
    expect(reasonOn(typo.text)).toBe("typo");
    await recoveryCode(codes[0] ?? "");
    world.advance(5 * MINUTE);
    const used = await recoveryCode(codes[0] ?? "");
    expect(used.status).toBe(401);
    const at = new Date(world.now() - 5 * MINUTE);
    expectProblem(used, refusalProblem({ outcome: "recovery-code-refused", reason: "used", at }, at));
  });

  it("says so when the code was used", async () => {
    await visitor.confirm("password", code());
    const again = await visitor.confirm("password", code());
    expect(again.status).toBe(401);
    expect(reasonOn(again.text)).toBe("used");
  });

  it("starts a delay the fifth time, for codes and for passwords", async () => {
    for (let tries = 0; tries < SECOND_FACTOR_RULE.free; tries++)
      await visitor.confirm("password", nextWrongCode(world));
    const locked = await visitor.confirm("password", code(), { next: PASSWORD });
    expect(locked.status).toBe(429);
    expect(locked.headers["retry-after"]).toBe("60");
    expect(reasonOn(locked.text)).toBe("locked");
    expect(locked.text).toContain('href="/confirm?next=%2Faccount%2Fpassword"');
    world.advance(MINUTE);
    for (let tries = 0; tries < PASSWORD_RULE.free; tries++) await visitor.confirm("wrong", code());
    const delayed = await visitor.confirm("password", code());
    expect(delayed.status).toBe(429);
    expect(delayed.headers["retry-after"]).toBe("60");
    expect(reasonOn(delayed.text)).toBe("delayed");
    world.advance(MINUTE);
    expect((await visitor.confirm("password", code())).status).toBe(303);
  });
});

describe("the confirmation page of a session that has ended", () => {
  const loginWith = (notice: string) => `/login?notice=${notice}&next=${encodeURIComponent("/notes/export")}`;

  it("leads to the wanted page over one sign-in, and not over a step-up too", async () => {
    const stranger = world.visitor();
    expect((await stranger.get("/confirm?next=%2Fnotes%2Fexport")).headers.location).toBe(
      loginWith("sign-in"),
    );
    const typed = { password: "password", otp: code(), next: "/notes/export" };
    const confirmed = await stranger.post("/confirm", typed);
    expect(confirmed.headers.location).toBe(loginWith("signed-out-here"));
    const proof = { recovery_code: codes[0] ?? "", next: "/notes/export" };
    const sent = await stranger.post("/account/recovery-codes/proof", proof);
    expect(sent.headers.location).toBe(loginWith("signed-out-here"));
  });
});
