/** Resynchronisation: two codes in a row must prove as much as one code does, and work once. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { addAuthenticator } from "../support/authenticators.js";
import { forgetWork, looks } from "../support/code-checks.js";
import { waitForDistinct, wrongCodes } from "../support/codes-around.js";
import { cookieOf, heldBy } from "../support/cookies.js";
import { newLogin } from "../support/new-login.js";
import { ask, bytesOf, form, opensAccount, statuses } from "../support/raw-request.js";
import {
  openResyncWorld,
  pairAt,
  RESYNC_ON,
  RESYNC_PATH,
  rested,
  resynchronise,
  tryCode,
  typePair,
} from "../support/resync.js";
import { pendingVisitors, setUp } from "../support/sign-in.js";
import { reasonOn } from "../support/visitor.js";
import { MINUTE, openTwoWorlds } from "../support/world.js";

vi.mock("@otplib/totp", async (original) => {
  const { countVerified } = await import("../support/code-checks.js");
  return countVerified(await original());
});
vi.mock("../../src/otp/index.js", async (original) => {
  const { countSearched } = await import("../support/code-checks.js");
  return countSearched(await original());
});
beforeEach(forgetWork);

describe("resynchronisation without RESYNC=on", () => {
  it("has no address and no link, and two codes open nothing", async () => {
    const world = await openResyncWorld({ RESYNC: "off" });
    const secret = await rested(world);
    const visitor = await newLogin(world);
    const [otp, otp_next] = pairAt(world, secret, -9);
    forgetWork();
    expect((await visitor.get(RESYNC_PATH)).status).toBe(404);
    expect((await typePair(visitor, otp, otp_next)).status).toBe(404);
    expect((await world.visitor().get(RESYNC_PATH)).status).toBe(404);
    expect(looks()).toBe(0);
    const refused = await visitor.post("/login/2fa", { otp, otp_next });
    expect(refused.status).toBe(401);
    for (const page of [refused, await visitor.get("/login/2fa"), await visitor.get("/login/recovery-code")])
      expect(page.text).not.toContain("resync");
    expect((await visitor.code(world.code(secret))).status).toBe(303);
  });
});

describe("a pair of codes in a row", () => {
  it.each([-20, -19, -7, -2, -1, 0, 1, 2, 11, 19])(
    "is accepted when its first code is %i steps away",
    async (steps) => {
      const world = await openResyncWorld();
      const secret = await rested(world);
      const visitor = await newLogin(world);
      const answer = await typePair(visitor, ...pairAt(world, secret, steps));
      expect([answer.status, answer.headers.location]).toEqual([303, "/"]);
      expect((await visitor.get("/account")).status).toBe(200);
    },
  );

  it("is refused when it is farther away, reversed, doubled, with a gap, or of two authenticators", async () => {
    const world = await openResyncWorld();
    const owner = world.visitor();
    const secret = await setUp(world, owner);
    const second = await addAuthenticator(world, owner);
    world.advance(25 * MINUTE);
    waitForDistinct(world, secret, second);
    const code = (steps: number) => world.code(secret, steps);
    const other = (steps: number) => world.code(second, steps);
    const [wrong = ""] = wrongCodes(world, secret);
    const pairs = {
      "too late": [code(-21), code(-20)],
      "far too late": [code(-22), code(-21)],
      "too early": [code(20), code(21)],
      "far too early": [code(21), code(22)],
      "the same twice": [code(0), code(0)],
      reversed: [code(1), code(0)],
      "reversed, before": [code(-4), code(-5)],
      "with a gap": [code(-1), code(1)],
      "with a longer gap": [code(-7), code(3)],
      "of two authenticators": [code(0), other(1)],
      "of two, the other way": [other(-3), code(-2)],
      "one right": [code(0), wrong],
      "the other right": [wrong, code(0)],
    };
    const visitor = await newLogin(world);
    for (const [what, [otp = "", next = ""]] of Object.entries(pairs)) {
      await world.auth.unlockAccount("test");
      expect((await typePair(visitor, otp, next)).status, what).toBe(401);
    }
    // Nothing was spent by any of them.
    expect((await typePair(visitor, other(-20), other(-19))).status).toBe(303);
    expect(await tryCode(world, code(-1))).toBe(303);
  });

  it("gets the same refusal, in bytes and work, whatever was right in it", async () => {
    const world = await openResyncWorld();
    const secret = await rested(world);
    const [wrong = "", another = ""] = wrongCodes(world, secret);
    const used = pairAt(world, secret, -12);
    await resynchronise(world, secret, -12);
    const cookie = heldBy(await newLogin(world));
    const code = (steps: number) => world.code(secret, steps);
    const submit = (otp: string, otp_next: string) =>
      ask(world, { path: RESYNC_PATH, ...form({ otp, otp_next }, { cookie }) });
    await submit("none", "none");
    const pairs: [string, string][] = [
      [wrong, another],
      [wrong, wrong],
      [code(0), wrong],
      [wrong, code(0)],
      [code(-10), wrong],
      [wrong, code(9)],
      [code(0), code(0)],
      [code(3), code(2)],
      [code(20), code(21)],
      used,
      [code(-11), code(-10)],
      [code(-15), code(-14)],
    ];
    const answers = [];
    for (const pair of pairs) {
      await world.auth.unlockAccount("test");
      forgetWork();
      const answer = bytesOf(await submit(...pair));
      const { id, requestId, ...event } = world.events.at(-1) ?? {};
      answers.push({ answer, event, looks: looks() });
    }
    expect(answers[0]?.answer.status).toBe(401);
    expect(reasonOn(answers[0]?.answer.text ?? "")).toBe("wrong-pair");
    expect(answers[0]?.event).toMatchObject({ type: "code-refused", reason: "wrong-pair" });
    expect(answers[0]?.event).not.toHaveProperty("subject");
    for (const [n, answer] of answers.entries()) expect(answer, `pair ${n}`).toEqual(answers[0]);
  });

  it("spends both time steps and all before them, at sign-in, step-up and resynchronisation", async () => {
    const world = await openResyncWorld();
    const secret = await rested(world);
    const session = world.visitor();
    await session.password();
    await session.code(world.code(secret, -1));
    world.advance(25 * MINUTE);
    waitForDistinct(world, secret);
    await resynchronise(world, secret, 0);
    for (const steps of [1, 0, -1]) {
      expect(await tryCode(world, world.code(secret, steps)), `${steps}`).toBe(401);
      expect((await session.confirm("password", world.code(secret, steps))).status).toBe(401);
    }
    await world.auth.unlockAccount("test");
    const visitor = await newLogin(world);
    for (const steps of [0, 1, -1, -8])
      expect((await typePair(visitor, ...pairAt(world, secret, steps))).status, `pair ${steps}`).toBe(401);
    world.advance(MINUTE);
    expect(await tryCode(world, world.code(secret))).toBe(303);
  });

  it("is refused when its first code was used, while the next pair is accepted", async () => {
    const world = await openResyncWorld();
    const secret = await rested(world);
    expect(await tryCode(world, world.code(secret))).toBe(303);
    const visitor = await newLogin(world);
    for (const steps of [0, -1, -2])
      expect((await typePair(visitor, ...pairAt(world, secret, steps))).status).toBe(401);
    expect((await typePair(visitor, ...pairAt(world, secret, 1))).status).toBe(303);
  });

  it("is judged by the server's clock, whatever drift is stored", async () => {
    const world = await openResyncWorld();
    const secret = await rested(world);
    await resynchronise(world, secret, 19);
    const visitor = await newLogin(world);
    expect((await typePair(visitor, ...pairAt(world, secret, 21))).status).toBe(401);
    world.advance(12 * MINUTE);
    expect((await typePair(visitor, ...pairAt(world, secret, 21))).status).toBe(401);
    expect((await typePair(visitor, ...pairAt(world, secret, 0))).status).toBe(303);
  });
});

describe("one pair sent many times at once", () => {
  it("opens one session when ten browsers send it 50 times", async () => {
    const world = await openResyncWorld();
    const secret = await rested(world);
    const visitors = await pendingVisitors(world, 10);
    const [otp, otp_next] = pairAt(world, secret, 6);
    const cookies = visitors.flatMap((visitor) => Array(5).fill(heldBy(visitor)));
    const answers = await Promise.all(
      cookies.map((cookie) => ask(world, { path: RESYNC_PATH, ...form({ otp, otp_next }, { cookie }) })),
    );
    const opened = answers.flatMap((answer) => cookieOf(answer) ?? []);
    const open = await Promise.all(opened.map((cookie) => opensAccount(world, cookie)));
    expect(open.filter(Boolean)).toHaveLength(1);
    expect(world.events.filter(({ type }) => type === "authenticator-resynchronised")).toHaveLength(1);
    // Not by the throttle alone: some of the others were looked at.
    expect(world.events).toContainEqual(expect.objectContaining({ reason: "wrong-pair" }));
  });

  it("opens one session when two nodes get it", async () => {
    const [here, there] = await openTwoWorlds(RESYNC_ON);
    const secret = await rested(here);
    there.advance(here.now() - there.now());
    const visitors = [...(await pendingVisitors(here, 10)), ...(await pendingVisitors(there, 10))];
    const pair = pairAt(here, secret, -13);
    const answers = await Promise.all(visitors.map((visitor) => typePair(visitor, ...pair)));
    expect(statuses(answers)[303]).toBe(1);
    expect(Object.keys(statuses(answers)).map(Number)).not.toContain(500);
  });

  it.each([
    ["first", 0],
    ["second", 1],
  ])("opens one session when its %s code is sent alone beside it", async (_which, index) => {
    for (let round = 0; round < 2; round++) {
      const world = await openResyncWorld();
      const secret = await rested(world);
      const [one, two] = await pendingVisitors(world, 2);
      const pair = pairAt(world, secret, 0);
      const single = one?.code(pair[index] ?? "");
      const both = two && typePair(two, ...pair);
      const answers = await Promise.all(round % 2 ? [single, both] : [both, single]);
      expect(answers.filter((answer) => answer?.status === 303)).toHaveLength(1);
    }
  });
});
