/** A refusal as an oracle: whoever knows the password, and not the secret, looks for a word that narrows his guesses. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { SEARCH_STEPS, WINDOW_STEPS } from "../../src/auth/policy.js";
import { forgetWork, work } from "../support/code-checks.js";
import { range, TIME_STEP, waitForDistinct } from "../support/codes-around.js";
import { heldBy } from "../support/cookies.js";
import { newLogin } from "../support/new-login.js";
import { ask, bytesOf, form } from "../support/raw-request.js";
import {
  longCode,
  openWorldWithLongLogins,
  sendCode,
  sessionCookie,
  traceOf,
} from "../support/refusal-traces.js";
import { enrolled, pendingCookie, setUp } from "../support/sign-in.js";
import { reasonOn } from "../support/visitor.js";
import { MINUTE, type World } from "../support/world.js";
import { nextWrongCode } from "../support/wrong-codes.js";

vi.mock("@otplib/totp", async (original) => {
  const { countVerified } = await import("../support/code-checks.js");
  return countVerified(await original());
});
vi.mock("../../src/otp/engine.js", async (original) => {
  const { countHmacs } = await import("../support/code-checks.js");
  return countHmacs(await original());
});
beforeEach(forgetWork);

describe("a code for a later time step", () => {
  const forms = {
    "/login/2fa": async (world: World) => {
      const secret = await enrolled(world);
      world.advance(20 * MINUTE);
      waitForDistinct(world, secret);
      const cookie = await pendingCookie(world);
      return { secret, attempt: (otp: string) => sendCode(world, cookie, otp) };
    },
    "/confirm": async (world: World) => {
      const { secret, cookie } = await sessionCookie(world);
      waitForDistinct(world, secret);
      const attempt = (otp: string) =>
        ask(world, { path: "/confirm", ...form({ password: "password", otp }, { cookie }) });
      await attempt("none"); // the request that notes when the session was last seen
      return { secret, attempt };
    },
  };

  it.each(Object.keys(forms) as (keyof typeof forms)[])(
    "is refused like a wrong one at %s: the same bytes, records and work",
    async (path) => {
      const world = await openWorldWithLongLogins();
      const { secret, attempt } = await forms[path](world);
      await attempt(nextWrongCode(world, secret));
      const wrong = await traceOf(world, () => attempt(nextWrongCode(world, secret)));
      expect([wrong.answer.status, reasonOn(wrong.answer.text)]).toEqual([401, "wrong"]);
      expect(wrong.events).toEqual([expect.objectContaining({ type: "code-refused", reason: "wrong" })]);
      expect(wrong.events[0]).not.toHaveProperty("subject");
      expect(wrong.work.hmacs).toBeGreaterThanOrEqual(1 + 2 * SEARCH_STEPS);
      // A count and a line of history, nothing else.
      expect(wrong.rows.removed.filter((row) => !row.startsWith('["throttle"'))).toEqual([]);
      expect(wrong.rows.added.map((row) => JSON.parse(row)[0]).toSorted()).toEqual(["history", "throttle"]);
      for (const steps of range(1 + WINDOW_STEPS, SEARCH_STEPS)) {
        const future = await traceOf(world, () => attempt(world.code(secret, steps)));
        expect(future, `${steps} steps ahead`).toEqual(wrong);
      }
    },
  );

  it.each([2, 3, 11, 20])("is accepted once when its time step has come, %i steps later", async (steps) => {
    const world = await openWorldWithLongLogins();
    const secret = await enrolled(world);
    waitForDistinct(world, secret);
    const [visitor, other] = [await newLogin(world), await newLogin(world)];
    const code = world.code(secret, steps);
    expect((await visitor.code(code)).status).toBe(401);
    world.advance((steps - 1) * TIME_STEP);
    expect((await visitor.code(code)).status).toBe(303);
    const again = await other.code(code);
    expect([again.status, reasonOn(again.text)]).toEqual([401, "used"]);
  });

  it("is shown like a wrong one in the owner's history", async () => {
    const world = await openWorldWithLongLogins();
    const owner = world.visitor();
    const secret = await setUp(world, owner);
    world.advance(20 * MINUTE);
    waitForDistinct(world, secret);
    for (const otp of [nextWrongCode(world, secret), world.code(secret, 7)])
      await (await newLogin(world)).code(otp);
    const { text } = await owner.get("/account/history");
    // Equal lines are one line.
    expect(text).toContain("2 wrong codes");
  });

  it("is refused like a wrong one while another browser has the set-up page open", async () => {
    const world = await openWorldWithLongLogins();
    const [first, second] = [await newLogin(world), await newLogin(world)];
    const [secret] = [await first.secret(), await second.secret()];
    await first.code(world.code(secret));
    world.advance(20 * MINUTE);
    waitForDistinct(world, secret);
    const cookie = heldBy(second);
    await sendCode(world, cookie, nextWrongCode(world, secret));
    const wrong = await traceOf(world, () => sendCode(world, cookie, nextWrongCode(world, secret)));
    for (const steps of [2, 20])
      expect((await traceOf(world, () => sendCode(world, cookie, world.code(secret, steps)))).answer).toEqual(
        wrong.answer,
      );
  });
});

describe("a code for an earlier time step, which the refusal names", () => {
  it("is never accepted at sign-in or at step-up, however long it is tried", async () => {
    const world = await openWorldWithLongLogins();
    const owner = world.visitor();
    const secret = await setUp(world, owner);
    world.advance(20 * MINUTE);
    waitForDistinct(world, secret);
    const told = [-2, -20].map((steps) => world.code(secret, steps));
    const thief = await newLogin(world);
    for (let step = 0; step < 24; step++) {
      for (const otp of told) {
        expect((await thief.code(otp)).status).toBe(401);
        if (step % 11 === 0) expect((await owner.confirm("password", otp)).status).toBe(401);
        await world.auth.unlockAccount("test");
      }
      world.advance(TIME_STEP);
    }
    expect((await thief.code(world.code(secret))).status).toBe(303);
  });

  it("spends no other code of the secret", async () => {
    const world = await openWorldWithLongLogins();
    const secret = await enrolled(world);
    world.advance(20 * MINUTE);
    waitForDistinct(world, secret);
    const visitor = await newLogin(world);
    expect(reasonOn((await visitor.code(world.code(secret, -4))).text)).toBe("earlier-step");
    expect((await visitor.code(world.code(secret, -1))).status).toBe(303);
  });
});

describe("a code without the right password", () => {
  it("is not looked at and gets the same answer on every form, whatever the code", async () => {
    const world = await openWorldWithLongLogins({ RESYNC: "on" });
    const secret = await enrolled(world);
    world.advance(20 * MINUTE);
    waitForDistinct(world, secret);
    const codes = [0, -5, 5, 1].map((steps) => world.code(secret, steps));
    const typed = [nextWrongCode(world, secret), ...codes];
    typed.push(longCode(world, secret));
    forgetWork();
    for (const path of ["/login", "/login/2fa", "/login/2fa/resync", "/confirm"]) {
      const answers = [];
      for (const otp of typed) {
        // Each against a password and a name that are wrong, so that no count of the account is in the way.
        const fields = { username: "nobody", password: "wrong", otp, otp_next: world.code(secret, 1) };
        answers.push(bytesOf(await ask(world, { path, ...form(fields) })));
      }
      const [first] = answers;
      if (path === "/login") {
        expect(answers.slice(0, 5)).toEqual(Array(5).fill(first));
        expect(answers.at(-1)?.status).toBe(429);
      } else expect(answers, path).toEqual(Array(typed.length).fill(first));
    }
    expect(work.verified).toBe(0);
  });

  it("is not looked at in step-up", async () => {
    const world = await openWorldWithLongLogins();
    const { secret, cookie } = await sessionCookie(world);
    waitForDistinct(world, secret);
    const confirm = (otp: string) =>
      ask(world, { path: "/confirm", ...form({ password: "wrong", otp }, { cookie }) });
    await confirm("none");
    forgetWork();
    const answers = [];
    for (const steps of [0, -5, 5, -1]) answers.push(bytesOf(await confirm(world.code(secret, steps))));
    expect(answers).toEqual(Array(4).fill(bytesOf(await confirm(nextWrongCode(world, secret)))));
    expect(reasonOn(answers[0]?.text ?? "")).toBe("wrong-password");
    expect(work.verified).toBe(0);
  });
});
