/** A clock that was ahead and is right again: codes accepted ahead stay spent, delays end, and the operator lets the owner in. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { appSecret } from "../support/app-secret.js";
import { JUMP, MAX_DELAY, STEP, untilLongestDelay, walk } from "../support/clock-jumps.js";
import { latchkey } from "../support/latchkey-command.js";
import { newLogin, signInWith } from "../support/new-login.js";
import { proseOf } from "../support/page-text.js";
import { enrolled, setUp } from "../support/sign-in.js";
import { reasonOn } from "../support/visitor.js";
import { HOUR, openWorld, type World } from "../support/world.js";
import { nextWrongCode } from "../support/wrong-codes.js";

/** Waits until no two codes around now are equal by chance. */
function waitForDistinct(world: World, secret: string): void {
  const around = () => Array.from({ length: 90 }, (_, n) => world.code(secret, n - 45));
  while (new Set(around()).size < around().length) world.advance(STEP);
}

describe("a clock that was ten minutes ahead", () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld({ SESSION_IDLE: "2h", SESSION_MAX: "2h" });
  });

  it("refuses a code accepted ahead when its time comes, and accepts the next one", async () => {
    const secret = await enrolled(world);
    world.advance(JUMP);
    const early = world.code(secret);
    expect(await signInWith(world, early)).toBe("/");
    world.advance(-JUMP);
    expect(await signInWith(world, world.code(secret))).toBe(401);
    world.advance(JUMP);
    expect(await signInWith(world, early)).toBe(401);
    world.advance(STEP);
    expect(await signInWith(world, world.code(secret))).toBe("/");
  });

  it("ends a delay that began ahead", async () => {
    const secret = await enrolled(world);
    world.advance(JUMP);
    await untilLongestDelay(world, secret);
    const ends = world.now() + MAX_DELAY;
    world.advance(-JUMP);
    expect(await signInWith(world, world.code(secret))).toBe(429);
    world.advance(ends - 1 - world.now());
    expect(await signInWith(world, world.code(secret))).toBe(429);
    world.advance(1);
    expect(await signInWith(world, world.code(secret))).toBe("/");
  });

  it("lengthens a session opened ahead by the jump, and ends none that was open", async () => {
    const [before, during] = [world.visitor(), world.visitor()];
    const secret = await setUp(world, before);
    world.advance(JUMP);
    const opened = world.now();
    await during.password();
    expect((await during.code(world.code(secret))).headers.location).toBe("/");
    await world.auth.prune();
    world.advance(-JUMP);
    for (const visitor of [before, during]) {
      await walk(world, visitor);
      expect((await visitor.get("/account")).status).toBe(200);
    }
    world.advance(opened + 2 * HOUR - 1 - world.now());
    expect((await during.get("/account")).status).toBe(200);
    expect((await before.get("/account")).status).toBe(303);
    world.advance(1);
    expect((await during.get("/account")).status).toBe(303);
  });
});

describe("`account unlock` after a clock was far ahead", () => {
  const DAY = 24 * HOUR;
  let world: World;
  let secret: string;
  beforeEach(async () => {
    world = await openWorld({ SESSION_IDLE: "2h", SESSION_MAX: "2h" });
    secret = await enrolled(world);
    waitForDistinct(world, secret);
  });

  /** Runs `latchkey account unlock` by the clock of the server; true when it says that it lifted a step from the future. */
  async function unlock(): Promise<boolean> {
    const clock = vi.spyOn(Date, "now").mockImplementation(() => world.now());
    const env = { DATA_DIR: world.dataDir, APP_SECRETS: appSecret() };
    try {
      const { out } = await latchkey(["account", "unlock", "test"], { env });
      const said =
        /^test can try again at once: [^.]+\.( One authenticator had accepted codes from the future: [^.]+\.)?\n$/.exec(
          out,
        );
      expect(said, out).not.toBeNull();
      return said?.[1] !== undefined;
    } finally {
      clock.mockRestore();
    }
  }

  describe.each([
    ["ten minutes", JUMP],
    ["an hour", HOUR],
    ["400 days", 400 * DAY],
  ])("by %s", (_howFar, jump) => {
    /** Signs in three times while the clock is ahead, and returns the codes that were accepted. */
    async function signInsAhead(): Promise<string[]> {
      world.advance(jump);
      const codes: string[] = [];
      for (let n = 0; n < 3; n++) {
        codes.push(world.code(secret));
        expect(await signInWith(world, world.code(secret))).toBe("/");
        world.advance(STEP);
      }
      world.advance(-jump - 3 * STEP);
      return codes;
    }

    it("lets the owner in again, after a refusal that promised no time", async () => {
      await signInsAhead();
      const refused = await (await newLogin(world)).code(world.code(secret));
      expect([refused.status, reasonOn(refused.text)]).toEqual([401, "used"]);
      const problem = proseOf(
        /<div class="alert alert-danger.*?<\/div>\s*<\/div>/s.exec(refused.text)?.[0] ?? "",
      );
      expect(problem).toContain("a clock was wrong");
      expect(problem).not.toMatch(/\d|\b(day|hour|minute)s?\b/);
      const guesser = await newLogin(world);
      for (let n = 0; n < 3; n++) await guesser.code(nextWrongCode(world, secret));

      expect(await unlock()).toBe(true);
      world.advance(2 * STEP);
      expect(await signInWith(world, world.code(secret))).toBe("/");
      // Nothing is left to unlock, so the second adds no event.
      expect(await unlock()).toBe(false);
      await world.auth.reportOperatorEvents();
      expect(world.events.filter(({ type }) => type === "account-unlocked")).toEqual([
        expect.objectContaining({ reason: "clock-ahead", subject: "1" }),
      ]);
    });

    it("refuses codes of the current window, and accepts later ones once", async () => {
      await signInsAhead();
      await unlock();
      const shown = [-1, 0, 1].map((steps) => world.code(secret, steps));
      for (const code of shown) expect(await signInWith(world, code)).toBe(401);
      world.advance(STEP);
      expect(await signInWith(world, shown[2] ?? "")).toBe(401);
      const next = world.code(secret, 1);
      expect(await signInWith(world, next)).toBe("/");
      expect(await signInWith(world, next)).toBe(401);
    });

    it("refuses the codes accepted ahead when their time comes", async () => {
      const accepted = await signInsAhead();
      await unlock();
      world.advance(jump);
      for (const code of accepted) {
        for (const again of [code, code]) expect(await signInWith(world, again)).toBe(401);
        await unlock();
        world.advance(STEP);
      }
      expect(await signInWith(world, world.code(secret))).toBe("/");
    });
  });

  it("changes nothing when the last accepted step is in the present", async () => {
    world.advance(STEP);
    const code = world.code(secret);
    expect(await signInWith(world, code)).toBe("/");
    expect(await unlock()).toBe(false);
    expect(await signInWith(world, code)).toBe(401);
    world.advance(STEP);
    expect(await signInWith(world, world.code(secret))).toBe("/");
  });

  it("accepts no earlier code again when the operator's own clock is behind", async () => {
    const accepted = world.code(secret);
    expect(await signInWith(world, accepted)).toBe("/");
    world.advance(-HOUR);
    await unlock();
    world.advance(HOUR);
    for (const steps of [-1, 0]) expect(await signInWith(world, world.code(secret, steps))).toBe(401);
    world.advance(STEP);
    expect(await signInWith(world, world.code(secret))).toBe("/");
  });

  it("leaves a used code a wait of at most a minute, whatever its step", async () => {
    world.advance(20 * STEP);
    expect(await signInWith(world, world.code(secret))).toBe("/");
    for (let before = 0; before <= 20; before++) {
      const page = await (await newLogin(world)).code(world.code(secret, -before));
      const [, wait] = /Wait (.*?) for the next one/.exec(page.text) ?? [];
      if (wait !== undefined) expect(wait).toMatch(/^(\d\d? seconds?|1 minute)$/);
      expect(wait !== undefined).toBe(before <= 1);
      await unlock();
    }
  });
});
