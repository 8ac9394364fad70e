/** A refusal as an oracle under the throttle: during the delay nothing is told, and what is told counts as a failure. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { SECOND_FACTOR_RULE } from "../../src/auth/policy.js";
import { forgetWork, work } from "../support/code-checks.js";
import { waitForDistinct, wrongCodes } from "../support/codes-around.js";
import { heldBy } from "../support/cookies.js";
import { expectLockout, failUntilLockout } from "../support/lockout.js";
import { newLogin } from "../support/new-login.js";
import { ask, bytesOf, form } from "../support/raw-request.js";
import { longCode, openWorldWithLongLogins, sendCode, sessionCookie } from "../support/refusal-traces.js";
import { enrolled, pendingCookie } from "../support/sign-in.js";
import { MINUTE, type World } from "../support/world.js";
import { nextWrongCode } from "../support/wrong-codes.js";

vi.mock("@otplib/totp", async (original) => {
  const { countVerified } = await import("../support/code-checks.js");
  return countVerified(await original());
});
beforeEach(forgetWork);

const FREE = SECOND_FACTOR_RULE.free;

describe("codes during the delay", () => {
  /** Of every kind that has an answer of its own otherwise. */
  const kinds = (world: World, secret: string) => [
    ...[0, 1, -1, -2, -9, 2, 9, 20].map((steps) => world.code(secret, steps)),
    nextWrongCode(world, secret),
  ];

  it("get one answer at sign-in and one at step-up, and none is looked at", async () => {
    const world = await openWorldWithLongLogins();
    const { secret, cookie: session } = await sessionCookie(world);
    const pending = await pendingCookie(world);
    waitForDistinct(world, secret);
    for (const otp of wrongCodes(world, secret).slice(0, FREE)) await sendCode(world, pending, otp);
    const confirm = (otp: string) =>
      ask(world, { path: "/confirm", ...form({ password: "password", otp }, { cookie: session }) });
    await confirm("none");
    forgetWork();
    for (const send of [(otp: string) => sendCode(world, pending, otp), confirm]) {
      const answers = [];
      for (const otp of kinds(world, secret)) answers.push(bytesOf(await send(otp)));
      expect(answers[0]?.status).toBe(429);
      expect(answers).toEqual(Array(answers.length).fill(answers[0]));
    }
    expect(work.verified).toBe(0);
    expect(world.events.filter(({ type }) => type === "code-refused")).toHaveLength(FREE);
  });

  it("get one answer while setting up, codes of other lengths too", async () => {
    const world = await openWorldWithLongLogins();
    const [visitor, other] = [await newLogin(world), await newLogin(world)];
    const [secret, elsewhere] = [await visitor.secret(), await other.secret()];
    waitForDistinct(world, secret, elsewhere);
    const cookie = heldBy(visitor);
    for (const otp of wrongCodes(world, secret, elsewhere).slice(0, FREE)) await sendCode(world, cookie, otp);
    forgetWork();
    const six = [];
    for (const otp of [...kinds(world, secret), world.code(elsewhere)])
      six.push(bytesOf(await sendCode(world, cookie, otp)));
    expect(six[0]?.status).toBe(429);
    expect(six).toEqual(Array(six.length).fill(six[0]));
    expect(work.verified).toBe(0);
    const eight = [];
    for (const otp of [longCode(world, secret), longCode(world, elsewhere), "12345678"])
      eight.push(bytesOf(await sendCode(world, cookie, otp)));
    expect(eight).toEqual(Array(3).fill(eight[0]));
  });
});

describe("a code whose refusal says more than that it is wrong", () => {
  it("counts like a wrong one: the delay starts after five", async () => {
    const world = await openWorldWithLongLogins();
    const secret = await enrolled(world);
    world.advance(20 * MINUTE);
    waitForDistinct(world, secret);
    const visitor = await newLogin(world);
    await visitor.code(world.code(secret));
    const cookie = await pendingCookie(world);
    for (const steps of [0, -1, -5, -20, 7])
      expect((await sendCode(world, cookie, world.code(secret, steps))).status).toBe(401);
    expect((await sendCode(world, cookie, world.code(secret, 1))).status).toBe(429);
    const reasons = world.events.flatMap((event) => (event.type === "code-refused" ? [event.reason] : []));
    expect(reasons).toEqual(["used", "used", "used", "used", "wrong"]);
  });

  it("counts towards the lockout when it is for an earlier time step", async () => {
    const world = await openWorldWithLongLogins({ PENDING_LOGIN: "30d" });
    const secret = await enrolled(world);
    world.advance(20 * MINUTE);
    const cookie = await pendingCookie(world);
    await failUntilLockout(world, (n) => {
      waitForDistinct(world, secret);
      return sendCode(world, cookie, world.code(secret, -2 - (n % 19)));
    });
    world.advance(24 * 60 * MINUTE);
    forgetWork();
    expectLockout(await sendCode(world, cookie, world.code(secret)));
    expect(work.verified).toBe(0);
  });
});
