/** Guessing codes: how many tries one account allows, over all logins and browsers, to somebody who knows the password. */
import { verifySync } from "@otplib/totp";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { LOCKOUT_AFTER, SECOND_FACTOR_RULE } from "../../src/auth/policy.js";
import { codesAround, matchingSteps } from "../../src/otp/index.js";
import { holdWrites } from "../support/other-program.js";
import { statuses } from "../support/raw-request.js";
import { CURRENT_CODES, enrolled, pendingVisitors } from "../support/sign-in.js";
import { reasonOn, type Visitor } from "../support/visitor.js";
import { MINUTE, openTwoWorlds, openWorld, sharedDataDir, type World } from "../support/world.js";
import { nextWrongCode } from "../support/wrong-codes.js";

// To evaluate a code is to compare it: these tests count the comparisons.
vi.mock("@otplib/totp", async (original) => {
  const real = await original<typeof import("@otplib/totp")>();
  return { ...real, verifySync: vi.fn(real.verifySync) };
});
vi.mock("../../src/otp/index.js", async (original) => {
  const real = await original<typeof import("../../src/otp/index.js")>();
  return { ...real, matchingSteps: vi.fn(real.matchingSteps), codesAround: vi.fn(real.codesAround) };
});
const evaluated = () => vi.mocked(verifySync).mock.calls.length;
/** A wrong code is compared, then searched for once, SEARCH_STEPS either side. */
const wronglyGuessed = () =>
  vi.mocked(matchingSteps).mock.calls.length + vi.mocked(codesAround).mock.calls.length;
const resetCounts = () =>
  [verifySync, matchingSteps, codesAround].forEach((look) => void vi.mocked(look).mockClear());
beforeEach(resetCounts);

const FREE = SECOND_FACTOR_RULE.free;

async function newLogin(world: World): Promise<Visitor> {
  const visitor = world.visitor();
  expect((await visitor.password()).headers.location).toBe("/login/2fa");
  return visitor;
}

/** Sends wrong codes, each from a new browser behind the password. */
async function fail(world: World, secret: string, times: number) {
  for (let n = 0; n < times; n++) {
    const answer = await (await newLogin(world)).code(nextWrongCode(world, secret));
    if (answer.status !== 401) throw new Error(`Try ${n + 1} was answered with ${answer.status}.`);
  }
}

describe("codes guessed against one account", () => {
  it("refuses the sixth code without evaluating it, even a right one, in every browser", async () => {
    const world = await openWorld();
    const secret = await enrolled(world);
    await fail(world, secret, 5);
    resetCounts();
    for (const visitor of [await newLogin(world), world.visitor({ "User-Agent": "another" })]) {
      await visitor.password();
      const sixth = await visitor.code(world.code(secret));
      expect(sixth.status).toBe(429);
      expect(sixth.headers["retry-after"]).toBe("60");
      expect(sixth.headers["set-cookie"]).toBeUndefined();
    }
    expect(evaluated()).toBe(0);
  });

  it("only reads while the delay runs, so that a flood holds no row locks", async () => {
    const world = await openWorld();
    const secret = await enrolled(world);
    await fail(world, secret, FREE);
    const visitor = await newLogin(world);
    await holdWrites(world);
    expect((await visitor.code("000000")).status).toBe(429);
  });

  it("shows the delay in place of the code field to whoever knows the password", async () => {
    const world = await openWorld();
    const secret = await enrolled(world);
    await fail(world, secret, FREE);
    const page = await (await newLogin(world)).get("/login/2fa");
    expect(page.status).toBe(200);
    expect(page.headers["retry-after"]).toBe("60");
    expect(page.text).toContain("Too many wrong codes: wait 1 minute</h1>");
    expect(page.text).toContain('data-countdown="60000"');
    expect(page.text).not.toContain('name="otp"');
  });

  it("doubles the delay from 1 to 15 minutes, whatever is sent meanwhile", async () => {
    const world = await openWorld();
    const secret = await enrolled(world);
    await fail(world, secret, FREE);
    for (const minutes of [1, 2, 4, 8, 15, 15, 15]) {
      const visitor = await newLogin(world);
      expect((await visitor.code(world.code(secret))).headers["retry-after"]).toBe(String(minutes * 60));
      world.advance(minutes * MINUTE - 1);
      expect((await (await newLogin(world)).code(world.code(secret))).status).toBe(429);
      world.advance(1);
      await fail(world, secret, 1);
    }
    world.advance(15 * MINUTE);
    expect((await (await newLogin(world)).code(world.code(secret))).status).toBe(303);
    world.advance(30_000);
    await fail(world, secret, FREE); // the right code cleared the count
  });

  it("keeps the count when the password is right once more", async () => {
    const world = await openWorld();
    const secret = await enrolled(world);
    await fail(world, secret, FREE - 1);
    await pendingVisitors(world, 10);
    await fail(world, secret, 1);
    expect((await (await newLogin(world)).code(world.code(secret))).status).toBe(429);
  });

  it("keeps the count for a week and longer", async () => {
    const world = await openWorld();
    const secret = await enrolled(world);
    await fail(world, secret, FREE - 1);
    world.advance(7 * 24 * 60 * MINUTE);
    await world.auth.prune();
    await fail(world, secret, 1);
    expect((await (await newLogin(world)).code(world.code(secret))).status).toBe(429);
  });

  it("counts wrong codes during the set-up", async () => {
    const world = await openWorld();
    const visitor = await newLogin(world);
    const secret = await visitor.secret();
    for (let n = 0; n < FREE; n++)
      expect((await visitor.code(nextWrongCode(world, secret))).status).toBe(401);
    const sixth = await visitor.code(world.code(secret));
    expect(sixth.status).toBe(429);
    expect(reasonOn(sixth.text)).toBe("locked");
    world.advance(MINUTE);
    expect((await visitor.code(world.code(secret))).headers.location).toBe(CURRENT_CODES);
  });

  it("does not count what is not a code", async () => {
    const world = await openWorld();
    const secret = await enrolled(world);
    const visitor = await newLogin(world);
    for (let n = 0; n < 20; n++) expect((await visitor.code("12345")).status).toBe(401);
    expect((await visitor.code(world.code(secret))).status).toBe(303);
  });

  it.each(["during the set-up", "with an authenticator"])(
    "evaluates five of 200 codes sent at once %s",
    async (state) => {
      const world = await openWorld();
      const secret = state === "during the set-up" ? undefined : await enrolled(world);
      const visitors = await pendingVisitors(world, 4);
      const secrets = await Promise.all(visitors.map(async (visitor) => secret ?? visitor.secret()));
      resetCounts();
      const tries = visitors.flatMap((visitor, n) =>
        Array.from({ length: 50 }, () => visitor.code(nextWrongCode(world, secrets[n] ?? ""))),
      );
      expect(statuses(await Promise.all(tries))).toEqual({ 401: 5, 429: 195 });
      expect(wronglyGuessed()).toBe(5);
    },
  );

  it("evaluates five of 200 codes sent at once to two nodes", async () => {
    const worlds = await openTwoWorlds();
    const secret = await enrolled(worlds[0]);
    worlds[1].advance(30_000);
    const visitors = [...(await pendingVisitors(worlds[0], 1)), ...(await pendingVisitors(worlds[1], 1))];
    resetCounts();
    const tries = visitors.flatMap((visitor) =>
      Array.from({ length: 100 }, () => visitor.code(nextWrongCode(worlds[0], secret))),
    );
    expect(statuses(await Promise.all(tries))[401]).toBe(5);
    expect(wronglyGuessed()).toBe(5);
  });

  it("keeps the count over a restart", async () => {
    const DATA_DIR = sharedDataDir();
    const before = await openWorld({ DATA_DIR });
    const secret = await enrolled(before);
    await fail(before, secret, FREE);
    await before.close();
    const after = await openWorld({ DATA_DIR });
    after.advance(30_000);
    expect((await (await newLogin(after)).code(after.code(secret))).status).toBe(429);
  });
});

describe("the lockout after 100 refused codes", () => {
  it("lasts until the operator unlocks the account, and shows itself to whoever knows the password", async () => {
    const world = await openWorld({ CONTACT: "it-desk@example.org", PENDING_LOGIN: "30d" });
    const secret = await enrolled(world);
    const guesser = await newLogin(world);
    for (let n = 0; n < LOCKOUT_AFTER; n++) {
      if (n >= FREE) world.advance(15 * MINUTE);
      expect((await guesser.code(nextWrongCode(world, secret))).status).toBe(401);
    }
    world.advance(7 * 24 * 60 * MINUTE);
    const visitor = await newLogin(world);
    const page = await visitor.get("/login/2fa");
    expect(page.text).toContain("This account is locked");
    expect(page.text).toContain("can unlock it");
    expect(page.text).toContain("it-desk@example.org");
    resetCounts();
    const refused = await visitor.code(world.code(secret));
    expect(refused.status).toBe(429);
    expect(refused.headers["retry-after"]).toBeUndefined();
    expect(evaluated()).toBe(0);
    // The log and the metrics hear of the lockout once, however many codes come afterwards.
    expect(world.events.filter(({ type }) => type === "account-locked")).toHaveLength(1);
    expect(world.events.at(-1)).toMatchObject({ type: "code-delayed", reason: "lock" });

    await world.auth.unlockAccount("test");
    expect((await visitor.code(world.code(secret))).status).toBe(303);
  });
});
