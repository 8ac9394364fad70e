/** Spread guesses: the same account, guessed at through many browsers, on many forms, at several nodes. */
import { describe, expect, it, vi } from "vitest";
import { LOCKOUT_AFTER, PASSWORD_RULE, SECOND_FACTOR_RULE } from "../../src/auth/policy.js";
import { forgetWork, work } from "../support/code-checks.js";
import { allHeldBy } from "../support/cookies.js";
import { FREE_GUESS } from "../support/free-guess.js";
import { expectLockout } from "../support/lockout.js";
import { sqlOn } from "../support/other-program.js";
import { ask, form } from "../support/raw-request.js";
import { enrolled, setUpWithSheet, signIn } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { MINUTE, openTwoWorlds, openWorld } from "../support/world.js";
import { mistyped, nextWrongCode } from "../support/wrong-codes.js";

vi.mock("@node-rs/argon2", async (original) => {
  const { withFreeGuesses } = await import("../support/free-guess.js");
  return withFreeGuesses(await original());
});

// A code is evaluated when it is compared: that is what is counted.
vi.mock("@otplib/totp", async (original) => {
  const { countVerified } = await import("../support/code-checks.js");
  return countVerified(await original());
});
// Each that was wrong is then searched for once, ten minutes either side.
vi.mock("../../src/otp/index.js", async (original) => {
  const { countSearched } = await import("../support/code-checks.js");
  return countSearched(await original());
});

/** `LOCKOUT_AFTER` failures of a known browser. */
const FAILURES = `insert into throttle (pool, account_id, failures, since, delayed_until)
  select 'second-factor of many', id, ${LOCKOUT_AFTER}, 0, 0 from accounts`;

describe("the forms that take a factor from a known browser", () => {
  /** Each: how to be wrong there, in a session. */
  const SECOND_FACTORS: Record<string, (visitor: Visitor, wrong: string, typo: string) => Try> = {
    "a code at step-up": (visitor, wrong) => visitor.confirm("password", wrong),
    "a recovery code at step-up": (visitor, _wrong, typo) =>
      visitor.post("/confirm", { password: "password", recovery_code: typo }),
    "a recovery code typed back": (visitor, _wrong, typo) =>
      visitor.post("/account/recovery-codes/proof", { recovery_code: typo }),
    "a code of an authenticator being added": (visitor, wrong) =>
      visitor.post("/account/authenticators/new", { name: "new", otp: wrong }),
  };
  const PASSWORDS: Record<string, (visitor: Visitor) => Try> = {
    "a password at step-up": (visitor) => visitor.confirm(FREE_GUESS, "123456"),
    "the current password when changing it": (visitor) =>
      visitor.post("/account/password", {
        current_password: FREE_GUESS,
        new_password: "a quiet orange harbour",
      }),
  };
  type Try = PromiseLike<{ status: number; headers: Record<string, string> }>;

  it.each(Object.entries(SECOND_FACTORS))(
    "count failures together when it is a second factor: %s",
    async (_place, fail) => {
      const world = await openWorld();
      const [visitor, stranger] = [world.visitor(), world.visitor()];
      const { secret, codes } = await setUpWithSheet(world, visitor);
      await visitor.get("/account/authenticators/new");
      for (let n = 0; n < SECOND_FACTOR_RULE.free; n++) {
        const refused = await fail(visitor, nextWrongCode(world, secret), mistyped(codes[0] ?? "", n));
        expect(refused.status).toBe(401);
      }
      forgetWork();
      for (const elsewhere of Object.values(SECOND_FACTORS)) {
        const refused = await elsewhere(visitor, world.code(secret), codes[0] ?? "");
        expect(refused.status).toBe(429);
        expect(refused.headers["retry-after"]).toBe("60");
      }
      await visitor.post("/logout");
      await visitor.password();
      expect((await visitor.code(world.code(secret))).status).toBe(429);
      expect((await visitor.recoveryCode(codes[0] ?? "")).status).toBe(429);
      expect(work.verified).toBe(0);
      // Nothing of it concerns another browser, and a minute later this one goes on.
      await signIn(world, stranger, secret);
      expect((await stranger.get("/account")).status).toBe(200);
      world.advance(MINUTE / 2);
      expect((await visitor.recoveryCode(codes[0] ?? "")).headers.location).toBe("/");
    },
  );

  it.each(Object.entries(PASSWORDS))(
    "count failures together when it is a password: %s",
    async (_place, fail) => {
      const world = await openWorld();
      const [visitor, stranger] = [world.visitor(), world.visitor()];
      const { secret } = await setUpWithSheet(world, visitor);
      for (let n = 0; n < PASSWORD_RULE.free; n++) expect((await fail(visitor)).status).toBe(401);
      for (const elsewhere of Object.values(PASSWORDS)) {
        const refused = await elsewhere(visitor);
        expect(refused.status).toBe(429);
        expect(refused.headers["retry-after"]).toBe("60");
      }
      expect((await visitor.confirm("password", world.code(secret))).status).toBe(429);
      await visitor.post("/logout");
      expect((await visitor.password()).status).toBe(429);
      await signIn(world, stranger, secret);
      expect((await stranger.get("/account")).status).toBe(200);
      world.advance(MINUTE / 2);
      expect((await visitor.password()).headers.location).toBe("/login/2fa");
    },
  );

  it("count nothing when it is no code at all, or a new password is refused", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    const { secret } = await setUpWithSheet(world, visitor);
    await visitor.get("/account/authenticators/new");
    for (let n = 0; n < 3; n++) {
      for (const fail of Object.values(SECOND_FACTORS))
        expect((await fail(visitor, "12345", "7")).status).toBe(401);
      const weak = { current_password: "password", new_password: "password1" };
      expect((await visitor.post("/account/password", weak)).status).toBe(422);
    }
    expect((await visitor.confirm("password", world.code(secret))).headers.location).toBe("/account");
    expect(await sqlOn(world, "select * from throttle")).toEqual([]);
  });
});

describe("a hundred failures of all browsers together", () => {
  it("lock the account, no more and no fewer, when 24 known browsers guess at once at two nodes", async () => {
    const [here, there] = await openTwoWorlds({ PENDING_LOGIN: "1d" });
    const secret = await enrolled(here);
    const pending: string[] = [];
    const browsers: string[] = [];
    for (let n = 0; n < 24; n++) {
      const visitor = here.visitor();
      await signIn(here, visitor, secret);
      browsers.push(/latchkey_browser=[^;]+/.exec(allHeldBy(visitor))?.[0] ?? "");
    }
    expect(new Set(browsers).size).toBe(24);
    there.advance(here.now() - there.now());
    for (const world of [here, there]) {
      const visitor = world.visitor();
      await visitor.password();
      pending.push(allHeldBy(visitor));
    }

    const submit = (n: number, browser: string | undefined, otp: string) =>
      ask(n % 2 ? here : there, {
        path: "/login/2fa",
        ...form({ otp }, { cookie: [pending[n % 2], browser].join("; ") }),
      });
    forgetWork();
    // Five free guesses in each of 24 + 1 pools make 125: a count of each pool alone would let them all through.
    for (let round = 0; round < SECOND_FACTOR_RULE.free; round++) {
      const wave = [...browsers, undefined].map((browser, n) =>
        submit(n + round, browser, nextWrongCode(here, secret)),
      );
      for (const { status } of await Promise.all(wave)) expect([401, 429, 503]).toContain(status);
    }
    expect(work.searched).toBeLessThanOrEqual(LOCKOUT_AFTER);
    const standing = async () =>
      (await sqlOn(here, "select failures from throttle")).map(({ failures }) => Number(failures));
    const inAll = (failures: number[]) => failures.reduce((sum, one) => sum + one, 0);
    expect(await standing()).toHaveLength(25);
    expect(inAll(await standing())).toBe(LOCKOUT_AFTER);
    const locks = [...here.events, ...there.events].filter(({ type }) => type === "account-locked");
    expect(locks).toHaveLength(1);

    here.advance(24 * 60 * MINUTE - MINUTE);
    there.advance(24 * 60 * MINUTE - MINUTE);
    forgetWork();
    for (const [n, browser] of [...browsers, undefined].entries()) {
      expectLockout(await submit(n, browser, here.code(secret)));
    }
    expect(work.verified).toBe(0);
    expect(await standing()).toHaveLength(25);
    expect(inAll(await standing())).toBe(LOCKOUT_AFTER);

    await there.auth.unlockAccount("test");
    expect((await submit(1, browsers[0], here.code(secret))).headers.location).toBe("/");
  });

  it("lock step-up and the check of recovery codes too, and the page after the password says so", async () => {
    const world = await openWorld({ SESSION_IDLE: "1d", SESSION_MAX: "9d" });
    const visitor = world.visitor();
    const { secret, codes } = await setUpWithSheet(world, visitor);
    await sqlOn(world, FAILURES);
    for (const [path, fields] of [
      ["/confirm", { password: "password", otp: world.code(secret) }],
      ["/confirm", { password: "password", recovery_code: codes[0] ?? "" }],
      ["/account/recovery-codes/proof", { recovery_code: codes[0] ?? "" }],
    ] as const) {
      const refused = await visitor.post(path, fields);
      expectLockout(refused, path);
      expect(refused.text).toContain("can unlock it");
    }
    const other = world.visitor();
    expect((await other.password()).headers.location).toBe("/login/2fa");
    expect((await other.get("/login/2fa")).text).toContain("This account is locked");
    expect((await other.recoveryCode(codes[0] ?? "")).status).toBe(429);
  });

  it("outlast a change of password in an open session: only the operator unlocks the account", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    const { secret } = await setUpWithSheet(world, visitor);
    await sqlOn(world, FAILURES);
    const new_password = "a quiet orange harbour";
    await visitor.post("/account/password", { current_password: "password", new_password });
    const other = world.visitor();
    await other.password("test", new_password);
    expectLockout(await other.code(world.code(secret)));
    expect((await other.get("/login/2fa")).text).not.toContain('name="otp"');
  });
});
