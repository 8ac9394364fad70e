/** The verdict on the server's clock, from the drifts of many phones, and that no single person can sway it. */
import { beforeEach, describe, expect, it } from "vitest";
import { createDrifts } from "../../../src/auth/clock/drifts.js";
import { binOf, flushDrifts } from "../../../src/auth/clock/server-clock.js";
import type { AuthContext } from "../../../src/auth/context.js";
import { addAccountsWithoutPassword } from "../../support/members.js";
import { driftSeen, driftsOf, phoneAhead, seeded, verdictOn } from "../../support/phones.js";
import { addAccount, setUp } from "../../support/sign-in.js";
import { HOUR, MINUTE, openWorld, type World } from "../../support/world.js";

describe("the verdict on the server's clock", () => {
  it.each([0, 20, -20, 45, -45, 90, -90])(
    "is right within 6 s when the server of 200 people is %i s ahead, for 500 seeds",
    (serverAhead) => {
      for (let seed = 1; seed <= 500; seed++) {
        const random = seeded(seed);
        const verdict = verdictOn(driftsOf(random, 200, { serverAhead, badly: 0.03 + 0.02 * random() }));
        expect(verdict.verdict, `seed ${seed}`).toBe(serverAhead === 0 ? "right" : "off");
        if (verdict.verdict !== "too-few")
          expect(Math.abs(verdict.seconds - serverAhead), `seed ${seed}`).toBeLessThanOrEqual(6);
      }
    },
  );

  it.each([10, 11, 12, 15, 20, 50, 1_000])(
    "raises no false alarm when the server of %i people is right, for many seeds",
    (people) => {
      for (let seed = 1; seed <= 100_000 / people; seed++) {
        const { verdict } = verdictOn(driftsOf(seeded(seed), people, { serverAhead: 0, badly: 0.03 }));
        expect(verdict, `seed ${seed}`).not.toBe("off");
      }
    },
  );

  it("is too-few when there are fewer than ten accounts, however wrong they are", () => {
    expect(verdictOn([])).toEqual({ verdict: "too-few", accounts: 0 });
    expect(verdictOn(Array(9).fill(-90))).toEqual({ verdict: "too-few", accounts: 9 });
    expect(verdictOn(Array(10).fill(-90))).toMatchObject({ verdict: "off", accounts: 10 });
  });

  it("stays right when four phones of ten are wrong the same way", () => {
    const random = seeded(1);
    for (const wrong of [-600, 600]) {
      const others = Array.from({ length: 6 }, () => driftSeen(random, 0, 0) ?? 0);
      expect(verdictOn([...others, ...Array(4).fill(wrong)]).verdict).toBe("right");
    }
  });

  it("takes the middle of a bin, and counts what is farther than 20 steps as 20 steps", () => {
    // Half of them are 12 s behind, half 8 s; typing takes 8 s.
    expect(verdictOn([...Array(10).fill(-12), ...Array(10).fill(-8)])).toMatchObject({ seconds: 2 });
    expect(Object.is((verdictOn(Array(10).fill(-8)) as { seconds: number }).seconds, -0)).toBe(false);
    expect([binOf(-615), binOf(615), binOf(-9_999), binOf(9_999)]).toEqual([-123, 122, -123, 122]);
  });
});

describe("the drifts in memory", () => {
  it("are handed over once, one for each account", () => {
    const drifts = createDrifts();
    drifts.note("alice", -7);
    drifts.note("alice", 300);
    drifts.note("bob", 2);
    expect(drifts.take()).toEqual([
      { accountId: "alice", seconds: -7 },
      { accountId: "bob", seconds: 2 },
    ]);
    expect(drifts.take()).toEqual([]);
  });

  it("number a thousand at most, and as many again once those were taken", () => {
    const drifts = createDrifts();
    for (let n = 0; n < 5_000; n++) drifts.note(`account ${n}`, 0);
    expect(drifts.take()).toHaveLength(1_000);
    drifts.note("account 4999", 0);
    expect(drifts.take()).toHaveLength(1);
  });
});

describe("the server's clock on a database", () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld({ DEMO: "off" });
  });

  /** Saves drifts, as a server does every minute. */
  async function save(notes: [id: string, seconds: number | undefined][]): Promise<void> {
    const drifts = createDrifts();
    for (const [id, seconds] of notes) if (seconds !== undefined) drifts.note(id, seconds);
    await flushDrifts({ store: world.store, clock: world.now, drifts } as AuthContext);
  }

  it.each([
    [0, "right"],
    [45, "off"],
    [-45, "off"],
  ])("is judged when 200 people see the server %i s ahead: %s", async (serverAhead, verdict) => {
    const random = seeded(3);
    const ids = await addAccountsWithoutPassword(world, 200);
    await save(ids.map((id) => [id, driftSeen(random, phoneAhead(random, 0.04), serverAhead)]));
    const judged = await world.auth.serverClock();
    expect(judged).toMatchObject({ verdict, since: new Date("2026-11-24T12:00:00Z") });
    if (judged.verdict === "too-few") throw new Error("They are 200.");
    expect(Math.abs(judged.seconds - serverAhead)).toBeLessThanOrEqual(5);
    expect(judged.accounts).toBeGreaterThan(180);
  });

  it("counts one person once in each window, who is outvoted, when five bad phones sign in all day", async () => {
    const random = seeded(4);
    const [bad = "", ...others] = await addAccountsWithoutPassword(world, 10);
    for (let hour = 0; hour < 24; hour++) {
      for (const wrong of [-300, -240, -180, 300, 600]) await save([[bad, wrong]]);
      const window = await world.store.drifts.since(0);
      expect(window.reduce((sum, { accounts }) => sum + accounts, 0)).toBe(Math.floor(hour / 4) + 1);
      world.advance(HOUR);
    }
    expect(await world.auth.serverClock()).toEqual({ verdict: "too-few", accounts: 1 });
    await save([bad, ...others].map((id) => [id, id === bad ? -240 : driftSeen(random, 0, 0)]));
    expect(await world.auth.serverClock()).toMatchObject({ verdict: "right", accounts: 10 });
  });

  it("is never off when there are three accounts", async () => {
    const ids = await addAccountsWithoutPassword(world, 3);
    for (let hour = 0; hour < 48; hour += 2) {
      await save(ids.map((id) => [id, -300]));
      expect(await world.auth.serverClock()).toEqual({ verdict: "too-few", accounts: 3 });
      world.advance(2 * HOUR);
    }
  });

  it("is judged by the newest window with enough accounts alone", async () => {
    const ids = await addAccountsWithoutPassword(world, 12);
    await save(ids.map((id) => [id, -98]));
    expect(await world.auth.serverClock()).toMatchObject({ verdict: "off", seconds: 90 });
    // The clock has been set right. Nine accounts are too few to say so, ten are enough.
    world.advance(4 * HOUR);
    await save(ids.slice(0, 9).map((id) => [id, -8]));
    expect(await world.auth.serverClock()).toMatchObject({ verdict: "off", seconds: 90 });
    await save(ids.slice(9).map((id) => [id, -8]));
    expect(await world.auth.serverClock()).toMatchObject({ verdict: "right", accounts: 12 });
  });

  it("forgets drifts after a day", async () => {
    const ids = await addAccountsWithoutPassword(world, 10);
    await save(ids.map((id) => [id, -98]));
    world.advance(20 * HOUR);
    await world.auth.prune();
    expect(await world.auth.serverClock()).toMatchObject({ verdict: "off" });
    world.advance(4 * HOUR);
    expect(await world.auth.serverClock()).toEqual({ verdict: "too-few", accounts: 0 });
    expect(await world.store.drifts.since(0)).not.toEqual([]);
    await world.auth.prune();
    expect(await world.store.drifts.since(0)).toEqual([]);
  });

  it("ignores what a clock that ran days ahead has left, and counts everyone again", async () => {
    const ids = await addAccountsWithoutPassword(world, 10);
    world.advance(100 * HOUR);
    await save(ids.map((id) => [id, -300]));
    world.advance(-100 * HOUR);
    expect(await world.auth.serverClock()).toEqual({ verdict: "too-few", accounts: 0 });
    await world.auth.prune();
    await save(ids.map((id) => [id, -8]));
    world.advance(HOUR);
    expect(await world.auth.serverClock()).toMatchObject({ verdict: "right", accounts: 10 });
    world.advance(100 * HOUR);
    expect(await world.auth.serverClock()).toEqual({ verdict: "too-few", accounts: 0 });
  });

  it("loses the drifts of an outage, and goes on after it", async () => {
    const [id = ""] = await addAccountsWithoutPassword(world, 1);
    const drifts = createDrifts();
    const context = { store: world.store, clock: world.now, drifts } as AuthContext;
    drifts.note(id, 0);
    const broken = {
      ...world.store,
      drifts: { ...world.store.drifts, note: () => Promise.reject(new Error()) },
    };
    await expect(flushDrifts({ ...context, store: broken })).rejects.toThrow();
    await flushDrifts(context);
    expect(await world.store.drifts.since(0)).toEqual([]);
    drifts.note(id, 0);
    await flushDrifts(context);
    expect(await world.store.drifts.since(0)).toHaveLength(1);
  });

  it("counts accepted and early codes that people type, and writes nothing while it answers", async () => {
    await addAccount(world, "alice");
    const visitor = world.visitor();
    const secret = await setUp(world, visitor, "alice", "correct horse battery");
    await addAccount(world, "bob");
    await world.auth.flushDrifts();
    const counted = async () =>
      (await world.store.drifts.since(0)).reduce((sum, { accounts }) => sum + accounts, 0);
    expect(await counted()).toBe(1);

    // In the next window: a code for two minutes from now, which is refused as any wrong one.
    world.advance(4 * HOUR);
    const early = world.visitor();
    await early.password("alice", "correct horse battery");
    const refused = await early.code(world.code(secret, 4));
    expect(refused.status).toBe(401);
    expect(await counted()).toBe(1);
    await world.auth.flushDrifts();
    expect(await counted()).toBe(2);

    // A code that fits no phone of the account leaves no drift.
    world.advance(4 * HOUR + MINUTE);
    await early.code("000000");
    await world.auth.flushDrifts();
    expect(await counted()).toBe(2);
  });
});
