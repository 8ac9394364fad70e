/** The proved password at /confirm: someone at an open session, or who has stolen its cookie, makes use of it without the code. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { DEFAULT_POLICY, PASSWORD_PROOF_LASTS, SECOND_FACTOR_RULE } from "../../src/auth/policy.js";
import { forgetWork, work } from "../support/code-checks.js";
import { heldBy } from "../support/cookies.js";
import { heldAtTransaction } from "../support/hold-back.js";
import { sqlOn } from "../support/other-program.js";
import { ask, form, opensAccount } from "../support/raw-request.js";
import { setUpWithSheet, signIn } from "../support/sign-in.js";
import { reasonOn, type Visitor } from "../support/visitor.js";
import { MINUTE, openWorld, type World } from "../support/world.js";
import { nextWrongCode } from "../support/wrong-codes.js";

// A code is evaluated when it is compared: that is what is counted.
vi.mock("@otplib/totp", async (original) => {
  const { countVerified } = await import("../support/code-checks.js");
  return countVerified(await original());
});

let world: World;
let secret: string;
let codes: string[];
/** Signed in, and asked to confirm: the step-up of the sign-in has run out. */
let visitor: Visitor;
beforeEach(async () => {
  world = await openWorld();
  visitor = world.visitor();
  ({ secret, codes } = await setUpWithSheet(world, visitor));
  world.advance(DEFAULT_POLICY.stepUp);
});

const isSteppedUp = async (browser: Visitor) => (await browser.get("/account/password")).status === 200;
const asksForPassword = (html: string) => html.includes('name="password"');
/** A right password with a wrong code. */
const prove = (browser = visitor) => browser.confirm("password", nextWrongCode(world, secret));
/** A code without a password. */
const codeAlone = (otp = world.code(secret), browser = visitor) => browser.post("/confirm", { otp });

const failures = (kind: string) =>
  sqlOn(world, `select pool, failures from throttle where pool like '${kind}%' and failures > 0`);

/** What a refusal of a code without a password looks like, and that it looked at nothing. */
async function expectPasswordWanted(browser = visitor, otp = world.code(secret)): Promise<void> {
  const before = [await failures("password"), await failures("second-factor")];
  forgetWork();
  const refused = await codeAlone(otp, browser);
  expect([refused.status, reasonOn(refused.text)]).toEqual([401, "wrong-password"]);
  expect(asksForPassword(refused.text)).toBe(true);
  expect(work.verified).toBe(0);
  expect([await failures("password"), await failures("second-factor")]).toEqual(before);
}

describe("a right password with a wrong code", () => {
  it("asks for the code alone until the proof ends, and then takes it", async () => {
    const refused = await prove();
    expect([refused.status, reasonOn(refused.text)]).toEqual([401, "wrong"]);
    expect(asksForPassword(refused.text)).toBe(false);
    expect(refused.text).toContain("Your password is accepted until");
    expect(asksForPassword((await visitor.get("/confirm")).text)).toBe(false);
    expect(await isSteppedUp(visitor)).toBe(false);
    expect((await codeAlone()).status).toBe(303);
    expect(await isSteppedUp(visitor)).toBe(true);
  });

  it("asks for a recovery code alone too", async () => {
    await visitor.post("/confirm", { password: "password", recovery_code: "0000-0000-0000-00001" });
    expect((await visitor.post("/confirm", { recovery_code: codes[0] ?? "" })).status).toBe(303);
  });

  it("is good for two minutes from the password on, however many codes follow", async () => {
    await prove();
    world.advance(PASSWORD_PROOF_LASTS - 1);
    expect(asksForPassword((await codeAlone(nextWrongCode(world, secret))).text)).toBe(false);
    world.advance(1);
    expect(asksForPassword((await visitor.get("/confirm")).text)).toBe(true);
    await expectPasswordWanted();
    expect((await visitor.confirm("password", world.code(secret))).status).toBe(303);
  });

  it("is good for no longer when the clock is set back", async () => {
    await prove();
    world.advance(-1);
    expect(asksForPassword((await visitor.get("/confirm")).text)).toBe(true);
    await expectPasswordWanted();
  });

  it("is good until a wrong password, and still after text that is no code", async () => {
    await prove();
    expect(asksForPassword((await codeAlone("12 34")).text)).toBe(false);
    const wrong = await visitor.confirm("Password", world.code(secret));
    expect([wrong.status, reasonOn(wrong.text)]).toEqual([401, "wrong-password"]);
    expect(asksForPassword(wrong.text)).toBe(true);
    await expectPasswordWanted();
  });

  it("is good for one step-up", async () => {
    await prove();
    expect((await codeAlone()).status).toBe(303);
    world.advance(30_000);
    await expectPasswordWanted();
  });

  it("opens nothing and proves no second factor", async () => {
    const before = await world.auth.findSession(sessionId());
    await prove();
    const after = await world.auth.findSession(sessionId());
    expect(after).toMatchObject({ steppedUp: false, methods: ["password", "totp"] });
    expect(after).toMatchObject({ provedAt: before && "provedAt" in before ? before.provedAt : 0 });
    for (const path of ["/account/password", "/account/recovery-codes", "/account/authenticators/new"])
      expect((await visitor.get(path)).status, path).toBe(303);
  });

  const sessionId = () => decodeURIComponent(heldBy(visitor)).split(/s:|\./)[1] ?? "";
});

describe("a code without a password", () => {
  it("is not looked at in a session without a proof, and spends nothing", async () => {
    await expectPasswordWanted();
    expect((await visitor.confirm("password", world.code(secret))).status).toBe(303);
  });

  it("is not looked at in another session of the account", async () => {
    const other = world.visitor();
    await signIn(world, other, secret);
    world.advance(DEFAULT_POLICY.stepUp);
    await prove();
    await expectPasswordWanted(other);
    expect((await codeAlone()).status).toBe(303);
  });

  it("is counted like any other: the fifth wrong one starts the delay", async () => {
    await prove();
    for (let n = 1; n < SECOND_FACTOR_RULE.free; n++)
      expect((await codeAlone(nextWrongCode(world, secret))).status).toBe(401);
    forgetWork();
    expect((await codeAlone()).status).toBe(429);
    expect(work.verified).toBe(0);
    world.advance(MINUTE);
    expect((await codeAlone()).status).toBe(303);
  });

  it("gets the answer of its refusal again when it is repeated, and is not counted", async () => {
    const otp = nextWrongCode(world, secret);
    const first = await visitor.confirm("password", otp);
    for (const again of [await codeAlone(otp), await visitor.confirm("password", otp)])
      expect([again.status, again.text]).toEqual([first.status, first.text]);
    expect(await failures("second-factor")).toMatchObject([{ failures: 1 }]);
  });

  it("is not taken any more when the password was changed in this session", async () => {
    await visitor.confirm("password", world.code(secret));
    world.advance(30_000);
    await prove();
    const fields = { current_password: "password", new_password: "quite another password" };
    expect((await visitor.post("/account/password", fields)).headers.location).toBe("/account");
    await expectPasswordWanted();
    expect((await visitor.confirm("quite another password", world.code(secret))).status).toBe(303);
  });

  it("is not taken any more when the operator set a password", async () => {
    await prove();
    await world.auth.setPassword("test", "quite another password");
    expect((await codeAlone()).headers.location).toBe("/login?notice=signed-out-here");
  });
});

describe("a code without a password, under way", () => {
  /** Stops the request right before the transaction that decides. */
  const held = async () => {
    // Without its device cookie, so that the code counts in the strangers' pool.
    const sent = form({ otp: world.code(secret) }, { cookie: heldBy(visitor) });
    return heldAtTransaction(world, 2, { path: "/confirm", ...sent });
  };

  it("is not evaluated or counted when the proof runs out meanwhile", async () => {
    await prove();
    const before = await failures("second-factor");
    const slow = await held();
    expect(await failures("second-factor")).toHaveLength(before.length + 1);
    world.advance(PASSWORD_PROOF_LASTS);
    const answer = await slow.letGo();
    expect([answer.status, reasonOn(answer.text)]).toEqual([401, "wrong-password"]);
    expect(await failures("second-factor")).toEqual(before);
  });

  it("confirms nothing and spends nothing when the password is changed meanwhile", async () => {
    await visitor.confirm("password", world.code(secret));
    world.advance(30_000);
    await prove();
    const slow = await held();
    const fields = { current_password: "password", new_password: "quite another password" };
    expect((await visitor.post("/account/password", fields)).headers.location).toBe("/account");
    const answer = await slow.letGo();
    expect([answer.status, answer.headers["set-cookie"]]).toEqual([401, undefined]);
    expect((await visitor.confirm("quite another password", world.code(secret))).status).toBe(303);
  });

  it("confirms nothing when the session was signed out meanwhile", async () => {
    await prove();
    const cookie = heldBy(visitor);
    const slow = await held();
    await ask(world, { path: "/logout", ...form({}, { cookie }) });
    expect((await slow.letGo()).headers.location).toBe("/login?notice=signed-out-here");
    expect(await opensAccount(world, cookie)).toBe(false);
  });

  it("confirms once when it is sent twice at the same moment", async () => {
    await prove();
    const [otp, cookie] = [world.code(secret), heldBy(visitor)];
    const send = () => ask(world, { path: "/confirm", ...form({ otp }, { cookie }) });
    const answers = await Promise.all([send(), send(), send()]);
    expect(answers.filter(({ headers }) => headers.location === "/account")).toHaveLength(1);
    const live = "select id_hash from sessions where kind = 'session' and ended_at is null";
    expect(await sqlOn(world, live)).toHaveLength(1);
  });
});
