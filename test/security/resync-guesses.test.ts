/** Resynchronisation as a way in for a guesser or a thief: who may send a pair, how often, and for how long a phished one is good. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { SECOND_FACTOR_RULE } from "../../src/auth/policy.js";
import { forgetWork, looks } from "../support/code-checks.js";
import { range, TIME_STEP, waitForDistinct, wrongCodes } from "../support/codes-around.js";
import { heldBy } from "../support/cookies.js";
import { expectLockout, failUntilLockout } from "../support/lockout.js";
import { newLogin } from "../support/new-login.js";
import { ask, form, statuses } from "../support/raw-request.js";
import { openResyncWorld, pairAt, RESYNC_PATH, rested, tryCode, typePair } from "../support/resync.js";
import { pendingVisitors, setUp } from "../support/sign-in.js";
import { reasonOn } from "../support/visitor.js";
import { MINUTE } from "../support/world.js";

vi.mock("@otplib/totp", async (original) => {
  const { countVerified } = await import("../support/code-checks.js");
  return countVerified(await original());
});
vi.mock("../../src/otp/index.js", async (original) => {
  const { countSearched } = await import("../support/code-checks.js");
  return countSearched(await original());
});
beforeEach(forgetWork);

const FREE = SECOND_FACTOR_RULE.free;

describe("guesses at pairs", () => {
  it("are counted with single codes, and not looked at during the delay", async () => {
    const world = await openResyncWorld();
    const secret = await rested(world);
    const visitor = await newLogin(world);
    const [wrong = "", another = ""] = wrongCodes(world, secret);
    const wrongs = wrongCodes(world, secret);
    const next = () => wrongs.pop() ?? "";
    for (let n = 0; n < 3; n++) expect((await typePair(visitor, next(), another)).status).toBe(401);
    for (let n = 0; n < 2; n++) expect((await visitor.code(next())).status).toBe(401);
    forgetWork();
    const delayed = await typePair(visitor, ...pairAt(world, secret, 0));
    expect([delayed.status, delayed.headers["retry-after"]]).toEqual([429, "60"]);
    expect(delayed.text).not.toContain('name="otp"');
    expect(looks()).toBe(0);
    world.advance(MINUTE);
    expect((await typePair(visitor, wrong, another)).status).toBe(401);
    expect((await visitor.code(world.code(secret))).headers["retry-after"]).toBe("120");
    world.advance(2 * MINUTE);
    expect((await typePair(visitor, ...pairAt(world, secret, 0))).status).toBe(303);
    // A right pair has made a new start.
    const later = await newLogin(world);
    for (let n = 0; n < FREE; n++) expect((await typePair(later, wrong, next())).status).toBe(401);
    expect((await typePair(later, wrong, another)).status).toBe(429);
  });

  it("are evaluated exactly five times when 60 come at once", async () => {
    const world = await openResyncWorld();
    const secret = await rested(world);
    const visitors = await pendingVisitors(world, 3);
    const wrongs = wrongCodes(world, secret);
    forgetWork();
    const tries = visitors.flatMap((visitor) =>
      range(1, 20).map(() => typePair(visitor, wrongs.pop() ?? "", wrongs.pop() ?? "")),
    );
    expect(statuses(await Promise.all(tries))).toEqual({ 401: FREE, 429: 60 - FREE });
    expect(looks()).toBe(FREE);
  });

  it("lead to the lockout", async () => {
    const world = await openResyncWorld({ PENDING_LOGIN: "30d" });
    const secret = await rested(world);
    const visitor = await newLogin(world);
    await failUntilLockout(world, (n) => {
      // Each another one: the same pair sent again is not counted.
      const right = world.code(secret, -3 - (n % 5));
      return typePair(visitor, right, right);
    });
    world.advance(MINUTE * 60);
    forgetWork();
    expectLockout(await typePair(visitor, ...pairAt(world, secret, 0)));
    expect(looks()).toBe(0);
  });

  it("are neither looked at nor counted when they are not six digits twice", async () => {
    const world = await openResyncWorld();
    const secret = await rested(world);
    const visitor = await newLogin(world);
    const [first, second] = pairAt(world, secret, 0);
    forgetWork();
    const malformed: [string, string][] = [
      [first, ""],
      ["", second],
      ["", ""],
      [first, "12345"],
      [`${first}0`, second],
      ["１２３４５", second],
      [first, `${second}\u0660`],
      [`${first}${second}`, ""],
    ];
    for (const [otp, next] of malformed) {
      const answer = await typePair(visitor, otp, next);
      expect([answer.status, reasonOn(answer.text)]).toEqual([401, "not-two-codes"]);
    }
    expect((await visitor.post(RESYNC_PATH, { otp: first })).status).toBe(401);
    expect((await visitor.post(RESYNC_PATH, { otp_next: second })).status).toBe(401);
    const twice = { path: RESYNC_PATH, ...form([["otp", first], ["otp", first], ["otp_next", second]], { cookie: heldBy(visitor) }) }; // biome-ignore format: one request
    expect((await ask(world, twice)).status).toBe(400);
    expect(looks()).toBe(0);
    expect((await typePair(visitor, ` ${first.slice(0, 3)} ${first.slice(3)}`, second)).status).toBe(303);
  });
});

describe("POST /login/2fa/resync", () => {
  it("leads to the sign-in page without a pending login", async () => {
    const world = await openResyncWorld();
    const secret = await rested(world);
    const pair = pairAt(world, secret, 0);
    const stranger = world.visitor();
    for (const answer of [await stranger.get(RESYNC_PATH), await typePair(stranger, ...pair)])
      expect(answer.headers.location).toMatch(/^\/login\b(?!\/)/);
    const visitor = await newLogin(world);
    await visitor.post("/logout");
    expect((await typePair(visitor, ...pair)).headers.location).toMatch(/^\/login\b(?!\/)/);
    expect(await tryCode(world, pair[0])).toBe(303);
  });

  it("refuses an expired pending login, and another site", async () => {
    const world = await openResyncWorld({ PENDING_LOGIN: "10m" });
    const secret = await rested(world);
    const visitor = await newLogin(world);
    const [otp, otp_next] = pairAt(world, secret, 0);
    const foreign = await ask(world, {
      path: RESYNC_PATH,
      ...form({ otp, otp_next }, { cookie: heldBy(visitor), "sec-fetch-site": "cross-site" }),
    });
    expect(foreign.status).toBe(403);
    world.advance(10 * MINUTE);
    const late = await typePair(visitor, ...pairAt(world, secret, 0));
    expect(late.headers.location).toBe("/login?notice=expired");
  });

  it("takes no pair in a session, nor does step-up", async () => {
    const world = await openResyncWorld();
    const owner = world.visitor();
    const secret = await setUp(world, owner);
    world.advance(25 * MINUTE);
    waitForDistinct(world, secret);
    const [otp, otp_next] = pairAt(world, secret, -9);
    const refused = await owner.post("/confirm", { password: "password", otp, otp_next });
    expect(refused.status).toBe(401);
    expect(refused.text).not.toContain("resync");
    const answer = await typePair(owner, otp, otp_next);
    expect(answer.status).toBe(303);
    expect(world.events.filter(({ type }) => type === "authenticator-resynchronised")).toEqual([]);
  });

  it("takes no pair before the first authenticator is set up", async () => {
    const world = await openResyncWorld();
    const visitor = await newLogin(world);
    const secret = await visitor.secret();
    const answer = await typePair(visitor, ...pairAt(world, secret, 0));
    expect([answer.status, answer.headers.location]).toEqual([303, "/login/2fa"]);
    expect(heldBy(visitor)).not.toBe("");
    expect((await visitor.get("/account")).status).toBe(303);
  });
});

describe("a phished pair", () => {
  it("is accepted until its first code is ten and a half minutes old", async () => {
    const world = await openResyncWorld();
    const secret = await rested(world);
    const start = world.now();
    const pair = pairAt(world, secret, 0);
    // To the end of the twentieth step after it.
    const stepEnds = Math.floor(start / TIME_STEP) * TIME_STEP + 21 * TIME_STEP;
    world.advance(stepEnds - start);
    const visitor = await newLogin(world);
    expect((await typePair(visitor, ...pair)).status).toBe(401);
    world.advance(-1);
    expect((await typePair(visitor, ...pair)).status).toBe(303);
  });

  it("is refused when its owner has signed in with its second code, or a newer one", async () => {
    for (const steps of [1, 2]) {
      const world = await openResyncWorld();
      const secret = await rested(world);
      const pair = pairAt(world, secret, 0);
      world.advance(steps * TIME_STEP);
      expect(await tryCode(world, world.code(secret))).toBe(303);
      expect((await typePair(await newLogin(world), ...pair)).status).toBe(401);
    }
  });

  it("moves the window to its age until a pair of the owner's moves it back", async () => {
    const world = await openResyncWorld();
    const secret = await rested(world);
    const pair = pairAt(world, secret, 0);
    world.advance(10 * MINUTE);
    expect((await typePair(await newLogin(world), ...pair)).status).toBe(303);
    expect(await tryCode(world, world.code(secret))).toBe(401);
    const owner = await newLogin(world);
    expect((await typePair(owner, ...pairAt(world, secret, 0))).status).toBe(303);
    world.advance(MINUTE);
    expect(await tryCode(world, world.code(secret))).toBe(303);
  });
});
