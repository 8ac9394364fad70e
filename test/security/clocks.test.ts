/** Clocks that jump, and nodes whose clocks differ: nothing is accepted twice, nothing lasts for ever, nothing breaks. */

import { beforeEach, describe, expect, it, vi } from "vitest";
import { appSecret } from "../support/app-secret.js";
import { FREE_GUESS } from "../support/free-guess.js";
import { latchkey } from "../support/latchkey-command.js";
import { enrolled, setUp, setUpWithSheet } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { HOUR, MINUTE, openTwoWorlds, openWorld, type World } from "../support/world.js";
import { nextWrongCode } from "../support/wrong-codes.js";

vi.mock("@node-rs/argon2", async (original) => {
  const { withFreeGuesses } = await import("../support/free-guess.js");
  return withFreeGuesses(await original());
});

const STEP = 30_000;
const JUMP = 10 * MINUTE;
const LONGEST_DELAY = 15 * MINUTE;

/** Waits until no two of the codes around are the same by chance. */
function waitForDistinct(world: World, secret: string): void {
  const around = () => Array.from({ length: 90 }, (_, n) => world.code(secret, n - 45));
  while (new Set(around()).size < around().length) world.wait(STEP);
}

async function newLogin(world: World): Promise<Visitor> {
  const visitor = world.visitor();
  expect((await visitor.password()).headers.location).toBe("/login/2fa");
  return visitor;
}

/** What a new sign-in is answered with: where it leads, or the status. */
async function signInWith(world: World, otp: string): Promise<string | number> {
  const answer = await (await newLogin(world)).code(otp);
  return answer.headers.location ?? answer.status;
}

/** Wrong codes until the longest delay runs; answers with the last Retry-After. */
async function untilLongestDelay(world: World, secret: string): Promise<void> {
  const guesser = world.visitor();
  for (let n = 1; n <= 9; n++) {
    await guesser.password();
    expect((await guesser.code(nextWrongCode(world, secret))).status).toBe(401);
    const page = await guesser.get("/login/2fa");
    if (n < 9) world.wait(Number(page.headers["retry-after"] ?? 0) * 1_000);
    else expect(page.headers["retry-after"]).toBe(String(LONGEST_DELAY / 1_000));
  }
}

/** Every page that a session sees, and an anonymous browser: none is a failure of ours. */
async function walk(world: World, visitor: Visitor): Promise<void> {
  const paths = [
    "/",
    "/account",
    "/account/history",
    "/account/authenticators/new",
    "/account/recovery-codes",
  ];
  for (const path of [...paths, "/confirm", "/login", "/readyz"]) {
    for (const who of [visitor, world.visitor()]) {
      expect((await who.get(path)).status, path).toBeLessThan(500);
    }
  }
}

describe("a clock that is set back ten minutes", () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld({ SESSION_IDLE: "1h", SESSION_MAX: "2h" });
  });

  it("opens nothing to a code of before, the first time or again, and lets the owner in once it has caught up", async () => {
    const secret = await enrolled(world);
    const last = world.code(secret);
    expect(await signInWith(world, last)).toBe("/");
    world.wait(-JUMP);
    // Three of before: none of them was ever used, and all are older than the last that was.
    for (const steps of [-1, 0, 1]) expect(await signInWith(world, world.code(secret, steps))).toBe(401);
    world.wait(JUMP);
    expect(await signInWith(world, last)).toBe(401);
    world.wait(STEP);
    expect(await signInWith(world, world.code(secret))).toBe("/");
  });

  it("leaves recovery codes good meanwhile, each once", async () => {
    const { codes } = await setUpWithSheet(world, world.visitor());
    world.wait(-JUMP);
    const [first, second] = [await newLogin(world), await newLogin(world)];
    expect((await first.recoveryCode(codes[0] ?? "")).headers.location).toBe("/");
    expect((await second.recoveryCode(codes[0] ?? "")).status).toBe(401);
    await walk(world, first);
  });

  it("lengthens a delay of codes by the jump and no more", async () => {
    const secret = await enrolled(world);
    await untilLongestDelay(world, secret);
    world.wait(-JUMP);
    const refused = await (await newLogin(world)).code(world.code(secret));
    expect(refused.status).toBe(429);
    expect(refused.headers["retry-after"]).toBe(String((LONGEST_DELAY + JUMP) / 1_000));
    world.wait(LONGEST_DELAY + JUMP - 1);
    expect(await signInWith(world, world.code(secret))).toBe(429);
    world.wait(1);
    expect(await signInWith(world, world.code(secret))).toBe("/");
  });

  it("lengthens a delay of passwords by the jump and no more, for a name and for an address", async () => {
    for (let n = 0; n < 5; n++) await world.visitor().password("test", FREE_GUESS);
    for (let n = 0; n < 45; n++) await world.visitor().password(`name-${n}`, FREE_GUESS);
    world.wait(-JUMP);
    const refused = await world.visitor().password();
    expect(refused.status).toBe(429);
    expect(refused.headers["retry-after"]).toBe(String((LONGEST_DELAY + JUMP) / 1_000));
    world.wait(LONGEST_DELAY + JUMP - 1);
    expect((await world.visitor().password()).status).toBe(429);
    world.wait(1);
    expect((await world.visitor().password()).headers.location).toBe("/login/2fa");
  });

  it("ends no session, and lengthens none by more than the jump, however busy", async () => {
    const visitor = world.visitor();
    await setUp(world, visitor);
    const opened = world.now() - STEP;
    world.wait(-JUMP);
    await walk(world, visitor);
    while (world.now() + HOUR / 2 < opened + 2 * HOUR) {
      world.wait(HOUR / 2);
      expect((await visitor.get("/account")).status).toBe(200);
    }
    world.wait(opened + 2 * HOUR - 1 - world.now());
    expect((await visitor.get("/account")).status).toBe(200);
    world.wait(1);
    expect((await visitor.get("/account")).status).toBe(303);
  });

  it("ends an idle session, a step-up and a pending login, later by the jump at most", async () => {
    const visitor = world.visitor();
    const secret = await setUp(world, visitor);
    const opened = world.now() - STEP;
    const pending = await newLogin(world);
    const pendingSince = world.now();
    world.wait(-JUMP);
    expect((await visitor.get("/account/password")).status).toBe(200);
    world.wait(opened + 10 * MINUTE - world.now());
    expect((await visitor.get("/account/password")).headers.location).toMatch(/^\/confirm/);
    world.wait(pendingSince + 10 * MINUTE - world.now());
    expect((await pending.code(world.code(secret))).headers.location).toMatch(/^\/login\?notice=/);
    world.wait(opened + 2 * HOUR - world.now());
    expect((await visitor.get("/account")).status).toBe(303);
  });

  it("lets a pending login go on, and an authenticator be set up that was begun before", async () => {
    const visitor = await newLogin(world);
    const secret = await visitor.secret();
    world.wait(-JUMP);
    expect(await visitor.secret()).toBe(secret);
    expect((await visitor.code(world.code(secret))).status).toBe(200);
    await world.auth.prune();
    await walk(world, visitor);
    expect((await visitor.get("/account")).status).toBe(200);
  });
});

describe("a clock that was ten minutes ahead for a while", () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld({ SESSION_IDLE: "2h", SESSION_MAX: "2h" });
  });

  it("has accepted a code that is refused when its time comes; the next one is good", async () => {
    const secret = await enrolled(world);
    world.wait(JUMP);
    const early = world.code(secret);
    expect(await signInWith(world, early)).toBe("/");
    world.wait(-JUMP);
    expect(await signInWith(world, world.code(secret))).toBe(401);
    world.wait(JUMP);
    expect(await signInWith(world, early)).toBe(401);
    world.wait(STEP);
    expect(await signInWith(world, world.code(secret))).toBe("/");
  });

  it("has begun a delay that ends", async () => {
    const secret = await enrolled(world);
    world.wait(JUMP);
    await untilLongestDelay(world, secret);
    const ends = world.now() + LONGEST_DELAY;
    world.wait(-JUMP);
    expect(await signInWith(world, world.code(secret))).toBe(429);
    world.wait(ends - 1 - world.now());
    expect(await signInWith(world, world.code(secret))).toBe(429);
    world.wait(1);
    expect(await signInWith(world, world.code(secret))).toBe("/");
  });

  it("has opened a session that lasts as much longer, and ended none that was open", async () => {
    const [before, during] = [world.visitor(), world.visitor()];
    const secret = await setUp(world, before);
    world.wait(JUMP);
    const opened = world.now();
    await during.password();
    expect((await during.code(world.code(secret))).headers.location).toBe("/");
    await world.auth.prune();
    world.wait(-JUMP);
    for (const visitor of [before, during]) {
      await walk(world, visitor);
      expect((await visitor.get("/account")).status).toBe(200);
    }
    world.wait(opened + 2 * HOUR - 1 - world.now());
    expect((await during.get("/account")).status).toBe(200);
    expect((await before.get("/account")).status).toBe(303);
    world.wait(1);
    expect((await during.get("/account")).status).toBe(303);
  });
});

describe("a clock that was far ahead and is right again", () => {
  const DAY = 24 * HOUR;
  let world: World;
  let secret: string;
  beforeEach(async () => {
    world = await openWorld({ SESSION_IDLE: "2h", SESSION_MAX: "2h" });
    secret = await enrolled(world);
    waitForDistinct(world, secret);
  });

  /** What `latchkey account unlock` says, by the clock of the server. */
  async function unlock(): Promise<string> {
    const clock = vi.spyOn(Date, "now").mockImplementation(() => world.now());
    const env = { DATA_DIR: world.dataDir, APP_SECRETS: appSecret() };
    try {
      return (await latchkey(["account", "unlock", "test"], { env })).out;
    } finally {
      clock.mockRestore();
    }
  }

  const plain = "test can try again at once: failed attempts are forgotten.";

  describe.each([
    ["ten minutes", JUMP],
    ["an hour", HOUR],
    ["400 days", 400 * DAY],
  ])("by %s", (_howFar, jump) => {
    /** Three sign-ins while it is ahead; answers with the codes that were accepted. */
    async function signInsAhead(): Promise<string[]> {
      world.wait(jump);
      const codes: string[] = [];
      for (let n = 0; n < 3; n++) {
        codes.push(world.code(secret));
        expect(await signInWith(world, world.code(secret))).toBe("/");
        world.wait(STEP);
      }
      world.wait(-jump - 3 * STEP);
      return codes;
    }

    it("keeps the owner out until the operator unlocks, on a page that promises no time", async () => {
      await signInsAhead();
      const refused = await (await newLogin(world)).code(world.code(secret));
      expect(refused.status).toBe(401);
      const problem = /id="otp-problem">(.*?)<\/p>/.exec(refused.text)?.[1];
      expect(problem).toContain("your phone’s clock or ours was wrong before");
      expect(problem).not.toMatch(/\d|\b(day|hour|minute)s?\b/);
      const guesser = await newLogin(world);
      for (let n = 0; n < 3; n++) await guesser.code(nextWrongCode(world, secret));

      const said = await unlock();
      expect(said).toMatch(
        /^test can try again at once: .* One authenticator had accepted codes from the future/,
      );
      world.wait(2 * STEP);
      expect(await signInWith(world, world.code(secret))).toBe("/");
      expect(await unlock()).toBe(`${plain}\n`);
      await world.auth.reportOperatorEvents();
      expect(world.events.filter(({ type }) => type === "account-unlocked")).toEqual([
        expect.objectContaining({ reason: "clock-ahead", subject: "1" }),
        expect.not.objectContaining({ reason: expect.anything() }),
      ]);
    });

    it("once unlocked, refuses codes of the current window and accepts later ones once", async () => {
      await signInsAhead();
      await unlock();
      const shown = [-1, 0, 1].map((steps) => world.code(secret, steps));
      for (const code of shown) expect(await signInWith(world, code)).toBe(401);
      world.wait(STEP);
      expect(await signInWith(world, shown[2] ?? "")).toBe(401);
      const next = world.code(secret, 1);
      expect(await signInWith(world, next)).toBe("/");
      expect(await signInWith(world, next)).toBe(401);
    });

    it("refuses the codes that were accepted while it was ahead when their time comes", async () => {
      const accepted = await signInsAhead();
      await unlock();
      world.wait(jump);
      for (const code of accepted) {
        for (const again of [code, code]) expect(await signInWith(world, again)).toBe(401);
        await unlock();
        world.wait(STEP);
      }
      expect(await signInWith(world, world.code(secret))).toBe("/");
    });
  });

  it("leaves an account alone whose last step is in the present", async () => {
    world.wait(STEP);
    const code = world.code(secret);
    expect(await signInWith(world, code)).toBe("/");
    expect(await unlock()).toBe(`${plain}\n`);
    expect(await signInWith(world, code)).toBe(401);
    world.wait(STEP);
    expect(await signInWith(world, world.code(secret))).toBe("/");
  });

  it("reopens no earlier code when the operator's own clock is behind", async () => {
    const accepted = world.code(secret);
    expect(await signInWith(world, accepted)).toBe("/");
    world.wait(-HOUR);
    await unlock();
    world.wait(HOUR);
    for (const steps of [-1, 0]) expect(await signInWith(world, world.code(secret, steps))).toBe(401);
    world.wait(STEP);
    expect(await signInWith(world, world.code(secret))).toBe("/");
  });

  it("never asks for a wait above a minute, whatever step a used code is from", async () => {
    world.wait(20 * STEP);
    expect(await signInWith(world, world.code(secret))).toBe("/");
    for (let before = 0; before <= 20; before++) {
      const page = await (await newLogin(world)).code(world.code(secret, -before));
      const [, wait] = /wait for the next good one \(([^)]*)\)/.exec(page.text) ?? [];
      if (wait !== undefined) expect(wait).toMatch(/^(\d\d? seconds?|1 minute)$/);
      expect(wait !== undefined).toBe(before <= 1);
      await unlock();
    }
  });
});

describe("of two nodes whose clocks differ by a minute", () => {
  let here: World;
  /** A minute ahead. */
  let there: World;
  let secret: string;
  const wait = (ms: number) => {
    here.wait(ms);
    there.wait(ms);
  };
  beforeEach(async () => {
    [here, there] = await openTwoWorlds({ SESSION_IDLE: "2h", SESSION_MAX: "2h" });
    secret = await enrolled(here);
    there.wait(here.now() + MINUTE - there.now());
    wait(5 * MINUTE);
  });

  it("the one behind refuses a code that the one ahead has accepted, when its time comes", async () => {
    const early = there.code(secret);
    expect(await signInWith(there, early)).toBe("/");
    for (const steps of [-1, 0, 1]) expect(await signInWith(here, here.code(secret, steps))).toBe(401);
    wait(MINUTE);
    expect(await signInWith(here, early)).toBe(401);
    wait(STEP);
    expect(await signInWith(here, here.code(secret))).toBe("/");
  });

  it("the one ahead refuses a code that the one behind has accepted", async () => {
    const good = here.code(secret, 1);
    expect(await signInWith(here, good)).toBe("/");
    expect(await signInWith(there, good)).toBe(401);
    expect(await signInWith(there, there.code(secret))).toBe("/");
  });

  it("both count the same failures, and a delay ends at each, a minute later at most", async () => {
    for (let n = 0; n < 5; n++) {
      expect(await signInWith(n % 2 ? here : there, nextWrongCode(here, secret))).toBe(401);
    }
    // The one ahead has counted the fifth: by its clock the delay lasts for one minute.
    for (const world of [here, there]) expect(await signInWith(world, world.code(secret))).toBe(429);
    wait(MINUTE - 1);
    expect(await signInWith(there, there.code(secret))).toBe(429);
    wait(1);
    expect((await (await newLogin(there)).get("/login/2fa")).headers["retry-after"]).toBeUndefined();
    wait(MINUTE - 1);
    expect(await signInWith(here, here.code(secret))).toBe(429);
    wait(1);
    expect(await signInWith(here, here.code(secret))).toBe("/");
  });

  it("each lets a pending login of the other in, and a session lasts a minute longer at most", async () => {
    for (const [first, second] of [
      [here, there],
      [there, here],
    ] as const) {
      const visitor = await newLogin(first);
      const opened = second.now();
      expect((await at(second, visitor).code(second.code(secret))).headers.location).toBe("/");
      await walk(first, at(first, visitor));
      await walk(second, at(second, visitor));
      expect((await at(first, visitor).get("/account")).status).toBe(200);
      const ends = opened + 2 * HOUR;
      wait(ends - MINUTE - here.now());
      const late = at(here, visitor);
      if (second === here) expect((await late.get("/account")).status).toBe(200);
      wait(ends - here.now());
      expect((await late.get("/account")).status).toBe(303);
    }
  });

  it("the one ahead prunes nothing that is alive at the other", async () => {
    const visitor = here.visitor();
    await visitor.password();
    await visitor.code(here.code(secret), { trust_device: "on" });
    wait(2 * HOUR - 10 * MINUTE);
    const pending = await newLogin(here);
    wait(10 * MINUTE - 1);
    // By the clock ahead both are over, and by the other they have a millisecond left.
    await there.auth.prune();
    expect((await visitor.get("/account")).status).toBe(200);
    expect((await pending.get("/login/2fa")).status).toBe(200);
    expect((await pending.code(here.code(secret))).headers.location).toBe("/");
    await visitor.post("/logout");
    expect((await visitor.password()).headers.location).toBe("/");
  });
});

/** The same browser, sent to another node. */
function at(world: World, visitor: Visitor): Visitor {
  const there = world.visitor();
  there.agent.jar = visitor.agent.jar;
  return there;
}
