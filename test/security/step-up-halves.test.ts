/** Half a proof at /confirm: one factor alone, guessed at without a count, or told apart from the other. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { DEFAULT_POLICY } from "../../src/auth/policy.js";
import { forgetWork, work } from "../support/code-checks.js";
import { cookieHeldBy } from "../support/cookies.js";
import { openDatabase } from "../support/other-program.js";
import { ask, form } from "../support/raw-request.js";
import { setUpWithSheet } from "../support/sign-in.js";
import { reasonOn, type Visitor } from "../support/visitor.js";
import { MINUTE, openWorld, type World } from "../support/world.js";

// A code is evaluated when it is compared: that is what is counted.
vi.mock("@otplib/totp", async (original) => {
  const { countVerified } = await import("../support/code-checks.js");
  return countVerified(await original());
});

let world: World;
let secret: string;
let codes: string[];
/** Signed in, and asked to confirm: the step-up of the sign-in has just run out. */
let visitor: Visitor;
beforeEach(async () => {
  world = await openWorld();
  visitor = world.visitor();
  ({ secret, codes } = await setUpWithSheet(world, visitor));
  world.advance(DEFAULT_POLICY.stepUp - 30_000);
  forgetWork();
});

const isSteppedUp = async (browser: Visitor) => (await browser.get("/account/password")).status === 200;

describe("half a proof", () => {
  it("confirms nothing when one factor is missing or wrong", async () => {
    const otp = world.code(secret);
    const tries: Record<string, string>[] = [
      { password: "password" },
      { otp },
      { password: "", otp },
      { password: "password", otp: "" },
      { password: "password", otp: world.code(secret, 9) },
      { password: "Password", otp },
      { recovery_code: codes[0] ?? "" },
      { password: "password", otp: world.code(secret, 9), recovery_code: codes[0] ?? "" },
    ];
    for (const fields of tries) {
      const refused = await visitor.post("/confirm", fields);
      expect(refused.status, JSON.stringify(fields)).toBe(401);
      expect(refused.headers["set-cookie"]).toBeUndefined();
      expect(await isSteppedUp(visitor)).toBe(false);
    }
    // Nothing was spent.
    expect((await visitor.confirm("password", otp)).status).toBe(303);
    const recovery = { password: "password", recovery_code: codes[0] ?? "" };
    expect((await visitor.post("/confirm", recovery)).status).toBe(303);
  });

  it("leaves the code unevaluated and uncounted when the password is wrong", async () => {
    const wrongs = [{ otp: world.code(secret) }, { otp: "000000" }, { recovery_code: codes[0] ?? "" }];
    const answers = [];
    for (const fields of wrongs)
      answers.push(await visitor.post("/confirm", { password: "wrong", ...fields }));
    for (const { status, text } of answers) {
      expect(status).toBe(401);
      expect(reasonOn(text)).toBe("wrong-password");
    }
    expect(answers[0]?.text).toBe(answers[1]?.text);
    expect(work.verified).toBe(0);
    const pools = openDatabase(world).prepare("select pool from throttle where pool like 'second-factor%'");
    expect(pools.all()).toEqual([]);
  });

  it("counts wrong passwords together with those at /account/password and /login", async () => {
    const browser = cookieHeldBy(visitor, "latchkey_browser");
    await visitor.confirm("password", world.code(secret));
    world.advance(30_000);
    const change = (current_password: string) =>
      visitor.post("/account/password", { current_password, new_password: "quite another password" });
    for (let n = 0; n < 3; n++) expect((await visitor.confirm("wrong", "123456")).status).toBe(401);
    for (let n = 0; n < 2; n++) expect((await change("wrong")).status).toBe(401);
    const right = await visitor.confirm("password", world.code(secret));
    expect([right.status, right.headers["retry-after"]]).toEqual([429, "60"]);
    expect((await change("password")).status).toBe(429);
    const login = form({ username: "test", password: "password" }, { cookie: browser });
    expect((await ask(world, { path: "/login", ...login })).status).toBe(429);
    // Elsewhere the owner is not kept out.
    expect((await world.visitor().password()).headers.location).toBe("/login/2fa");
    world.advance(MINUTE);
    expect((await visitor.confirm("password", world.code(secret))).status).toBe(303);
  });
});
