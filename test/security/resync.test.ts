/** Resynchronisation as a way in: two codes must cost a guesser or a thief more than one, and be good once as one is. */
import { verifySync } from "@otplib/totp";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { codesAround, matchingSteps } from "../../src/otp/index.js";
import { cookieOf, heldBy } from "../support/cookies.js";
import { sqlOn } from "../support/other-program.js";
import { ask, bytesOf, form, opensAccount, statuses } from "../support/raw-request.js";
import { enrolled, pendingVisitors, setUp } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import {
  MINUTE,
  openWorld as openAttackedWorld,
  openTwoWorlds,
  sharedDataDir,
  type World,
} from "../support/world.js";

vi.mock("@otplib/totp", async (original) => {
  const real = await original<typeof import("@otplib/totp")>();
  return { ...real, verifySync: vi.fn(real.verifySync) };
});
vi.mock("../../src/otp/index.js", async (original) => {
  const real = await original<typeof import("../../src/otp/index.js")>();
  return { ...real, matchingSteps: vi.fn(real.matchingSteps), codesAround: vi.fn(real.codesAround) };
});
const LOOKS = [verifySync, matchingSteps, codesAround];
const looks = () => LOOKS.reduce((sum, look) => sum + vi.mocked(look).mock.calls.length, 0);
const forgetLooks = () => LOOKS.forEach((look) => void vi.mocked(look).mockClear());
beforeEach(forgetLooks);

const STEP = 30_000;
const PATH = "/login/2fa/resync";
const ON = { RESYNC: "on", PENDING_LOGIN: "12h", STEP_UP: "12h", SESSION_IDLE: "12h" };
const openWorld = (env: Record<string, string> = {}) => openAttackedWorld({ ...ON, ...env });

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

/** Waits until no two of the codes around are the same by chance. */
function waitForDistinct(world: World, ...secrets: string[]) {
  const around = () => secrets.flatMap((secret) => range(-45, 45).map((steps) => world.code(secret, steps)));
  while (new Set(around()).size < around().length) world.wait(STEP);
}

/** Codes that this secret gives nowhere near. */
function wrongCodes(world: World, secret: string): string[] {
  const near = range(-45, 45).map((steps) => world.code(secret, steps));
  return range(1, 500)
    .map((n) => String(n * 1_997).padStart(6, "0"))
    .filter((code) => !near.includes(code));
}

/** An account with an authenticator that has not been used for long. */
async function rested(world: World): Promise<string> {
  const secret = await enrolled(world);
  world.wait(25 * MINUTE);
  waitForDistinct(world, secret);
  return secret;
}

async function newLogin(world: World): Promise<Visitor> {
  const visitor = world.visitor();
  expect((await visitor.password()).headers.location).toBe("/login/2fa");
  return visitor;
}

const typePair = (visitor: Visitor, otp: string, otp_next: string) => visitor.post(PATH, { otp, otp_next });

/** The codes that an app shows whose clock is so many steps ahead, and at the step after. */
function pairAt(world: World, secret: string, steps: number): [string, string] {
  return [world.code(secret, steps), world.code(secret, steps + 1)];
}

/** Sets the authenticator right from a new browser, by a clock that is so many steps ahead. */
async function resynchronise(world: World, secret: string, steps: number) {
  const visitor = await newLogin(world);
  const answer = await typePair(visitor, ...pairAt(world, secret, steps));
  if (answer.headers.location !== "/") throw new Error(`Resynchronising failed with ${answer.status}.`);
  await visitor.post("/logout");
}

/** One code from a new browser; failures before it are forgotten. */
async function tryCode(world: World, otp: string): Promise<number> {
  await world.auth.unlockAccount("test");
  return (await (await newLogin(world)).code(otp)).status;
}

describe("with RESYNC off", () => {
  it("the address is not there, no page links to it, and two codes open nothing anywhere", async () => {
    const world = await openWorld({ RESYNC: "off" });
    const secret = await rested(world);
    const visitor = await newLogin(world);
    const [otp, otp_next] = pairAt(world, secret, -9);
    forgetLooks();
    expect((await visitor.get(PATH)).status).toBe(404);
    expect((await typePair(visitor, otp, otp_next)).status).toBe(404);
    expect((await world.visitor().get(PATH)).status).toBe(404);
    expect(looks()).toBe(0);
    const refused = await visitor.post("/login/2fa", { otp, otp_next });
    expect(refused.status).toBe(401);
    for (const page of [refused, await visitor.get("/login/2fa"), await visitor.get("/login/recovery-code")])
      expect(page.text).not.toContain("resync");
    expect((await visitor.code(world.code(secret))).status).toBe(303);
  });
});

describe("a pair", () => {
  it.each([-20, -19, -7, -2, -1, 0, 1, 2, 11, 19])(
    "is accepted whose first code is %i steps away",
    async (steps) => {
      const world = await openWorld();
      const secret = await rested(world);
      const visitor = await newLogin(world);
      const answer = await typePair(visitor, ...pairAt(world, secret, steps));
      expect([answer.status, answer.headers.location]).toEqual([303, "/"]);
      expect((await visitor.get("/account")).status).toBe(200);
    },
  );

  it("is refused further away, reversed, doubled, with a gap, and of two authenticators", async () => {
    const world = await openWorld();
    const owner = world.visitor();
    const secret = await setUp(world, owner);
    const page = await owner.get("/account/authenticators/new");
    const second = /<code id="key"[^>]*>([A-Z2-7 ]+)</.exec(page.text)?.[1]?.replaceAll(" ", "") ?? "";
    await owner.post("/account/authenticators/new", { name: "Second", otp: world.code(second) });
    world.wait(25 * MINUTE);
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

  it("that is refused reads the same to the byte, and costs the same, whatever was right in it", async () => {
    const world = await openWorld();
    const secret = await rested(world);
    const [wrong = "", another = ""] = wrongCodes(world, secret);
    const used = pairAt(world, secret, -12);
    await resynchronise(world, secret, -12);
    const cookie = heldBy(await newLogin(world));
    const code = (steps: number) => world.code(secret, steps);
    const submit = (otp: string, otp_next: string) =>
      ask(world, { path: PATH, ...form({ otp, otp_next }, { cookie }) });
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
      forgetLooks();
      const answer = bytesOf(await submit(...pair));
      const { requestId, ...event } = world.events.at(-1) ?? {};
      answers.push({ answer, event, looks: looks() });
    }
    expect(answers[0]?.answer.status).toBe(401);
    expect(answers[0]?.answer.text).toContain("Those two codes were not accepted");
    expect(answers[0]?.event).toMatchObject({ type: "code-refused", reason: "wrong-pair" });
    expect(answers[0]?.event).not.toHaveProperty("subject");
    for (const [n, answer] of answers.entries()) expect(answer, `pair ${n}`).toEqual(answers[0]);
  });

  it("spends both steps and all before them, at every door", async () => {
    const world = await openWorld();
    const secret = await rested(world);
    const session = world.visitor();
    await session.password();
    await session.code(world.code(secret, -1));
    world.wait(25 * MINUTE);
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
    world.wait(MINUTE);
    expect(await tryCode(world, world.code(secret))).toBe(303);
  });

  it("whose first code was used is refused; the next pair is good", async () => {
    const world = await openWorld();
    const secret = await rested(world);
    expect(await tryCode(world, world.code(secret))).toBe(303);
    const visitor = await newLogin(world);
    for (const steps of [0, -1, -2])
      expect((await typePair(visitor, ...pairAt(world, secret, steps))).status).toBe(401);
    expect((await typePair(visitor, ...pairAt(world, secret, 1))).status).toBe(303);
  });

  it("is judged by the server's clock, whatever drift is remembered: it leads no further away", async () => {
    const world = await openWorld();
    const secret = await rested(world);
    await resynchronise(world, secret, 19);
    const visitor = await newLogin(world);
    expect((await typePair(visitor, ...pairAt(world, secret, 21))).status).toBe(401);
    world.wait(12 * MINUTE);
    expect((await typePair(visitor, ...pairAt(world, secret, 21))).status).toBe(401);
    expect((await typePair(visitor, ...pairAt(world, secret, 0))).status).toBe(303);
  });
});

describe("one pair at once", () => {
  it("50 times from ten browsers opens one session", async () => {
    const world = await openWorld();
    const secret = await rested(world);
    const visitors = await pendingVisitors(world, 10);
    const [otp, otp_next] = pairAt(world, secret, 6);
    const cookies = visitors.flatMap((visitor) => Array(5).fill(heldBy(visitor)));
    const answers = await Promise.all(
      cookies.map((cookie) => ask(world, { path: PATH, ...form({ otp, otp_next }, { cookie }) })),
    );
    const opened = answers.flatMap((answer) => cookieOf(answer) ?? []);
    const open = await Promise.all(opened.map((cookie) => opensAccount(world, cookie)));
    expect(open.filter(Boolean)).toHaveLength(1);
    expect(world.events.filter(({ type }) => type === "authenticator-resynchronised")).toHaveLength(1);
    // Not by the throttle alone: some of the others were looked at.
    expect(world.events).toContainEqual(expect.objectContaining({ reason: "wrong-pair" }));
  });

  it("over two Latchkeys on one database opens one session", async () => {
    const [here, there] = await openTwoWorlds(ON);
    const secret = await rested(here);
    there.wait(here.now() - there.now());
    const visitors = [...(await pendingVisitors(here, 10)), ...(await pendingVisitors(there, 10))];
    const pair = pairAt(here, secret, -13);
    const answers = await Promise.all(visitors.map((visitor) => typePair(visitor, ...pair)));
    expect(statuses(answers)[303]).toBe(1);
    expect(Object.keys(statuses(answers)).map(Number)).not.toContain(500);
  });

  it.each([
    ["first", 0],
    ["second", 1],
  ])("and its %s code alone: one of the two gets in", async (_which, index) => {
    for (let round = 0; round < 2; round++) {
      const world = await openWorld();
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

describe("guessing pairs", () => {
  it("shares the tries with single codes: five, then a pause in which no pair is looked at", async () => {
    const world = await openWorld();
    const secret = await rested(world);
    const visitor = await newLogin(world);
    const [wrong = "", another = ""] = wrongCodes(world, secret);
    const wrongs = wrongCodes(world, secret);
    const next = () => wrongs.pop() ?? "";
    for (let n = 0; n < 3; n++) expect((await typePair(visitor, next(), another)).status).toBe(401);
    for (let n = 0; n < 2; n++) expect((await visitor.code(next())).status).toBe(401);
    forgetLooks();
    const delayed = await typePair(visitor, ...pairAt(world, secret, 0));
    expect([delayed.status, delayed.headers["retry-after"]]).toEqual([429, "60"]);
    expect(delayed.text).not.toContain('name="otp"');
    expect(looks()).toBe(0);
    world.wait(MINUTE);
    expect((await typePair(visitor, wrong, another)).status).toBe(401);
    expect((await visitor.code(world.code(secret))).headers["retry-after"]).toBe("120");
    world.wait(2 * MINUTE);
    expect((await typePair(visitor, ...pairAt(world, secret, 0))).status).toBe(303);
    // A right pair has made a new start.
    const later = await newLogin(world);
    for (let n = 0; n < 5; n++) expect((await typePair(later, wrong, next())).status).toBe(401);
    expect((await typePair(later, wrong, another)).status).toBe(429);
  });

  it("evaluates exactly five of 60 at once", async () => {
    const world = await openWorld();
    const secret = await rested(world);
    const visitors = await pendingVisitors(world, 3);
    const wrongs = wrongCodes(world, secret);
    forgetLooks();
    const tries = visitors.flatMap((visitor) =>
      range(1, 20).map(() => typePair(visitor, wrongs.pop() ?? "", wrongs.pop() ?? "")),
    );
    expect(statuses(await Promise.all(tries))).toEqual({ 401: 5, 429: 55 });
    expect(looks()).toBe(5);
  });

  it("leads to the lock, in which the page offers nothing to type", async () => {
    const world = await openWorld({ PENDING_LOGIN: "30d" });
    const secret = await rested(world);
    const visitor = await newLogin(world);
    for (let n = 0; n < 100; n++) {
      if (n >= 5) world.wait(15 * MINUTE);
      // Each another one: the same pair sent again is not counted.
      const right = world.code(secret, -3 - (n % 5));
      expect((await typePair(visitor, right, right)).status).toBe(401);
    }
    world.wait(MINUTE * 60);
    forgetLooks();
    const refused = await typePair(visitor, ...pairAt(world, secret, 0));
    expect(refused.status).toBe(429);
    expect(refused.text).toContain("This account is locked");
    expect(looks()).toBe(0);
  });

  it("with anything but six digits twice is neither looked at nor counted", async () => {
    const world = await openWorld();
    const secret = await rested(world);
    const visitor = await newLogin(world);
    const [first, second] = pairAt(world, secret, 0);
    forgetLooks();
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
      expect([answer.status, answer.text.includes("nothing was counted against you")]).toEqual([401, true]);
    }
    expect((await visitor.post(PATH, { otp: first })).status).toBe(401);
    expect((await visitor.post(PATH, { otp_next: second })).status).toBe(401);
    const twice = { path: PATH, ...form([["otp", first], ["otp", first], ["otp_next", second]], { cookie: heldBy(visitor) }) }; // biome-ignore format: one request
    expect((await ask(world, twice)).status).toBe(400);
    expect(looks()).toBe(0);
    expect((await typePair(visitor, ` ${first.slice(0, 3)} ${first.slice(3)}`, second)).status).toBe(303);
  });
});

describe("who may type a pair", () => {
  it("is someone behind the password only", async () => {
    const world = await openWorld();
    const secret = await rested(world);
    const pair = pairAt(world, secret, 0);
    const stranger = world.visitor();
    for (const answer of [await stranger.get(PATH), await typePair(stranger, ...pair)])
      expect(answer.headers.location).toMatch(/^\/login\b(?!\/)/);
    const visitor = await newLogin(world);
    await visitor.post("/logout");
    expect((await typePair(visitor, ...pair)).headers.location).toMatch(/^\/login\b(?!\/)/);
    expect(await tryCode(world, pair[0])).toBe(303);
  });

  it("is not someone whose sign-in has run out, nor another site", async () => {
    const world = await openWorld({ PENDING_LOGIN: "10m" });
    const secret = await rested(world);
    const visitor = await newLogin(world);
    const [otp, otp_next] = pairAt(world, secret, 0);
    const foreign = await ask(world, {
      path: PATH,
      ...form({ otp, otp_next }, { cookie: heldBy(visitor), "sec-fetch-site": "cross-site" }),
    });
    expect(foreign.status).toBe(403);
    world.wait(10 * MINUTE);
    const late = await typePair(visitor, ...pairAt(world, secret, 0));
    expect(late.headers.location).toBe("/login?notice=expired");
  });

  it("is not someone who steps up, or signed in already: there one code is asked for", async () => {
    const world = await openWorld();
    const owner = world.visitor();
    const secret = await setUp(world, owner);
    world.wait(25 * MINUTE);
    waitForDistinct(world, secret);
    const [otp, otp_next] = pairAt(world, secret, -9);
    const refused = await owner.post("/confirm", { password: "password", otp, otp_next });
    expect(refused.status).toBe(401);
    expect(refused.text).not.toContain("resync");
    const answer = await typePair(owner, otp, otp_next);
    expect(answer.status).toBe(303);
    expect(world.events.filter(({ type }) => type === "authenticator-resynchronised")).toEqual([]);
  });

  it("is not someone on the way to the first authenticator: the secret on the screen takes one code", async () => {
    const world = await openWorld();
    const visitor = await newLogin(world);
    const secret = await visitor.secret();
    const answer = await typePair(visitor, ...pairAt(world, secret, 0));
    expect([answer.status, answer.headers.location]).toEqual([303, "/login/2fa"]);
    expect(heldBy(visitor)).not.toBe("");
    expect((await visitor.get("/account")).status).toBe(303);
  });
});

describe("the drift that is remembered", () => {
  it.each([-12, 15])("moves the window: from a clock %i steps ahead single codes sign in", async (steps) => {
    const world = await openWorld();
    const secret = await rested(world);
    await resynchronise(world, secret, steps);
    world.wait(5 * MINUTE);
    waitForDistinct(world, secret);
    // The drift is that of the second code.
    const present = steps + 1;
    for (const away of [-1, 0, 1]) {
      world.wait(2 * MINUTE);
      expect(await tryCode(world, world.code(secret, present + away)), `${away}`).toBe(303);
      // What the code was late or early by, moves it a little; a right one moves it back.
      world.wait(2 * MINUTE);
      expect(await tryCode(world, world.code(secret, present))).toBe(303);
    }
    world.wait(20 * MINUTE);
    for (const away of [present - 3, present + 3, -1, 0, 1])
      expect(await tryCode(world, world.code(secret, away)), `${away}`).toBe(401);
  });

  it("moves what may be told with it: a code to come for that authenticator is a wrong one", async () => {
    const world = await openWorld();
    const secret = await rested(world);
    await resynchronise(world, secret, -13);
    world.wait(20 * MINUTE);
    waitForDistinct(world, secret);
    // Its clock shows 12 steps ago: the ten after that are past for the server, and still to come for the app.
    const cookie = heldBy(await newLogin(world));
    const [wrong = ""] = wrongCodes(world, secret);
    const submit = (otp: string) => ask(world, { path: "/login/2fa", ...form({ otp }, { cookie }) });
    await submit("none");
    const refused = bytesOf(await submit(wrong));
    expect(refused.text).toContain("That code was not accepted");
    for (const steps of [-10, -5, -2, 0, 1, 5, 8]) {
      await world.auth.unlockAccount("test");
      expect(bytesOf(await submit(world.code(secret, steps))), `${steps}`).toEqual(refused);
    }
    await world.auth.unlockAccount("test");
    const told = await submit(world.code(secret, -20));
    expect(told.text).toContain("That code was for 10 minutes ago");
    const waited = world.code(secret, -5);
    world.wait(7 * STEP);
    expect(await tryCode(world, waited)).toBe(303);
    expect(await tryCode(world, waited)).toBe(401);
  });

  it("moves what may be told the other way, too: nothing of the server's future is told", async () => {
    const world = await openWorld();
    const secret = await rested(world);
    await resynchronise(world, secret, 14);
    world.wait(20 * MINUTE);
    waitForDistinct(world, secret);
    const cookie = heldBy(await newLogin(world));
    const [wrong = ""] = wrongCodes(world, secret);
    const submit = (otp: string) => ask(world, { path: "/login/2fa", ...form({ otp }, { cookie }) });
    await submit("none");
    const refused = bytesOf(await submit(wrong));
    for (const steps of [0, 2, 9, 12, 18, 30, 35]) {
      await world.auth.unlockAccount("test");
      expect(bytesOf(await submit(world.code(secret, steps))), `${steps}`).toEqual(refused);
    }
  });

  it("is followed where the clock goes on drifting, 4 s a sign-in over 60 sign-ins", async () => {
    const world = await openWorld();
    const secret = await rested(world);
    await resynchronise(world, secret, -3);
    let ahead = -2 * STEP;
    for (let signIn = 0; signIn < 60; signIn++) {
      ahead -= 4_000;
      // At any moment of a time step.
      world.wait(17 * MINUTE + ((signIn * 7_000) % STEP));
      expect(await tryCode(world, appCode(world, secret, ahead)), `sign-in ${signIn + 1}`).toBe(303);
    }
    world.wait(17 * MINUTE);
    waitForDistinct(world, secret);
    expect(await tryCode(world, appCode(world, secret, -2 * STEP))).toBe(401);
    expect(await tryCode(world, appCode(world, secret, ahead))).toBe(303);
  });

  it("is never followed farther than two codes in a row are looked for", async () => {
    const world = await openWorld();
    const secret = await rested(world);
    await resynchronise(world, secret, -20);
    for (let signIn = 0; signIn < 6; signIn++) {
      world.wait(20 * MINUTE);
      waitForDistinct(world, secret);
      expect(await tryCode(world, world.code(secret, signIn < 2 ? -20 : -21))).toBe(303);
    }
    world.wait(20 * MINUTE);
    waitForDistinct(world, secret);
    expect(await tryCode(world, world.code(secret, -22))).toBe(401);
    expect(await tryCode(world, world.code(secret, -20))).toBe(303);
  });

  it("is not thrown off by one code that was typed late", async () => {
    const world = await openWorld();
    const secret = await rested(world);
    await resynchronise(world, secret, 9);
    for (let time = 0; time < 3; time++) {
      world.wait(10 * MINUTE);
      expect(await tryCode(world, world.code(secret, 10 - 1))).toBe(303);
      for (const away of [0, 0]) {
        world.wait(10 * MINUTE);
        expect(await tryCode(world, world.code(secret, 10 + away))).toBe(303);
      }
    }
  });

  it("is forgotten by whoever turns RESYNC off again, on the same database", async () => {
    const DATA_DIR = sharedDataDir();
    const before = await openWorld({ ...ON, DATA_DIR });
    const secret = await rested(before);
    await resynchronise(before, secret, -11);
    const now = before.now();
    await before.close();
    const after = await openWorld({ DATA_DIR, RESYNC: "off" });
    after.wait(now - after.now() + 20 * MINUTE);
    waitForDistinct(after, secret);
    expect(await sqlOn(after, "select drift_seconds from authenticators")).toEqual([
      { drift_seconds: expect.any(Number) },
    ]);
    expect(await tryCode(after, after.code(secret, -10))).toBe(401);
    expect(await tryCode(after, after.code(secret))).toBe(303);
    const visitor = await newLogin(after);
    after.wait(MINUTE);
    await visitor.code(after.code(secret));
    expect((await visitor.get("/account")).text).not.toContain("Its clock");
  });

  it("belongs to one authenticator: the others keep to the server's time", async () => {
    const world = await openWorld();
    const owner = world.visitor();
    const secret = await setUp(world, owner);
    const page = await owner.get("/account/authenticators/new");
    const second = /<code id="key"[^>]*>([A-Z2-7 ]+)</.exec(page.text)?.[1]?.replaceAll(" ", "") ?? "";
    await owner.post("/account/authenticators/new", { name: "Second", otp: world.code(second) });
    world.wait(25 * MINUTE);
    waitForDistinct(world, secret, second);
    await resynchronise(world, second, 8);
    world.wait(5 * MINUTE);
    expect(await tryCode(world, world.code(secret, 9))).toBe(401);
    expect(await tryCode(world, world.code(secret))).toBe(303);
    expect(await tryCode(world, world.code(second))).toBe(401);
    expect(await tryCode(world, world.code(second, 9))).toBe(303);
  });
});

describe("a phished pair", () => {
  it("is good until its first code is ten and a half minutes old, and no longer", async () => {
    const world = await openWorld();
    const secret = await rested(world);
    const start = world.now();
    const pair = pairAt(world, secret, 0);
    // To the end of the twentieth step after it.
    const stepEnds = Math.floor(start / STEP) * STEP + 21 * STEP;
    world.wait(stepEnds - start);
    const visitor = await newLogin(world);
    expect((await typePair(visitor, ...pair)).status).toBe(401);
    world.wait(-1);
    expect((await typePair(visitor, ...pair)).status).toBe(303);
  });

  it("is worth nothing once its owner has signed in with its second code, or a newer one", async () => {
    for (const steps of [1, 2]) {
      const world = await openWorld();
      const secret = await rested(world);
      const pair = pairAt(world, secret, 0);
      world.wait(steps * STEP);
      expect(await tryCode(world, world.code(secret))).toBe(303);
      expect((await typePair(await newLogin(world), ...pair)).status).toBe(401);
    }
  });

  it("shifts the window to its age: the owner's own codes are refused until a pair of hers sets it right", async () => {
    const world = await openWorld();
    const secret = await rested(world);
    const pair = pairAt(world, secret, 0);
    world.wait(10 * MINUTE);
    expect((await typePair(await newLogin(world), ...pair)).status).toBe(303);
    expect(await tryCode(world, world.code(secret))).toBe(401);
    const owner = await newLogin(world);
    expect((await typePair(owner, ...pairAt(world, secret, 0))).status).toBe(303);
    world.wait(MINUTE);
    expect(await tryCode(world, world.code(secret))).toBe(303);
  });
});

/** What an app shows whose clock is so far ahead (ms). */
function appCode(world: World, secret: string, ahead: number): string {
  const steps = Math.floor((world.now() + ahead) / STEP) - Math.floor(world.now() / STEP);
  return world.code(secret, steps);
}
