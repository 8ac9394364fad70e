/** The test kit's clock: it runs, moves when told, and everything that lasts a while goes by it. */
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { NEVER_A_CODE } from "../support/distinct-codes.js";
import { openKit } from "../support/kit.js";

describe("the clock of the test kit", () => {
  it("begins at the present and runs on by itself", async () => {
    const { clock } = await openKit();
    const start = clock.now();
    expect(Math.abs(start - Date.now())).toBeLessThan(1_000);
    await delay(20);
    expect(clock.now() - start).toBeGreaterThanOrEqual(15);
  });

  it.each([
    ["90s", 90_000],
    ["5m", 300_000],
    ["2h", 7_200_000],
    ["400d", 34_560_000_000],
    [1_500, 1_500],
    [0, 0],
  ])("moves on by %s", async (by, milliseconds) => {
    const { clock } = await openKit();
    const start = clock.now();
    clock.advance(by);
    const moved = clock.now() - start;
    expect(moved).toBeGreaterThanOrEqual(milliseconds);
    expect(moved).toBeLessThan(milliseconds + 1_000);
  });

  it.each([
    "soon",
    "",
    "-5m",
    "5",
    -1,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e300,
    undefined,
    null,
    {},
  ])("throws when it is to move by %j, and stays", async (by) => {
    const { clock } = await openKit();
    const start = clock.now();
    expect(() => clock.advance(by as never)).toThrow(/clock\.advance takes a duration/);
    expect(clock.now() - start).toBeLessThan(1_000);
  });

  it("is not stopped by a test runner's fake timers", async () => {
    const { clock } = await openKit();
    const start = clock.now();
    vi.useFakeTimers({ now: 0, toFake: ["Date"] });
    try {
      expect(Date.now()).toBe(0);
      expect(clock.now()).toBeGreaterThanOrEqual(start);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("what goes by the clock of the test kit", () => {
  it("is the end of an idle session, and of one in use", async () => {
    const kit = await openKit();
    const account = await kit.account();
    const idle = await kit.signIn(account);
    kit.clock.advance("59m");
    expect(await kit.ask(idle.cookie)).toBe(200);
    kit.clock.advance("61m");
    expect(await kit.ask(idle.cookie)).toBe(303);
    const used = await kit.signIn(account);
    for (let hour = 0; hour < 23; hour++) {
      kit.clock.advance("59m");
      expect(await kit.ask(used.cookie)).toBe(200);
    }
    kit.clock.advance("50m");
    await kit.ask(used.cookie);
    kit.clock.advance("50m");
    expect(await kit.ask(used.cookie)).toBe(303);
  });

  it("is the age of a proof, and the time for the second step", async () => {
    const kit = await openKit();
    const account = await kit.account();
    const { cookie } = await kit.signIn(account);
    expect((await kit.visitor(cookie).get("/recent")).status).toBe(200);
    kit.clock.advance("301s");
    expect((await kit.visitor(cookie).get("/recent")).status).toBe(303);
    const visitor = kit.visitor();
    const { username, password } = account;
    await visitor.post("/sign-in/login", { username, password });
    kit.clock.advance("11m");
    const late = await visitor.post("/sign-in/login/2fa", { otp: await kit.code(account) });
    expect(late.headers.location).toMatch(/\/sign-in\/login\?notice=/);
  });

  it("is the delay after wrong passwords", async () => {
    const kit = await openKit();
    const { username, password } = await kit.account();
    const enter = async (typed: string) =>
      (await kit.visitor().post("/sign-in/login", { username, password: typed })).status;
    for (let n = 0; n < 5; n++) expect(await enter("wrong")).toBe(401);
    expect(await enter(password)).toBe(429);
    kit.clock.advance("61s");
    expect(await enter(password)).toBe(303);
  });

  it("is the way to a lockout, which no time ends", async () => {
    const kit = await openKit();
    const account = await kit.account();
    const { username, password } = account;
    const visitor = kit.visitor();
    const begin = () => visitor.post("/sign-in/login", { username, password });
    let refused = 0;
    while (refused < 100) {
      await begin();
      const otp = NEVER_A_CODE[refused % NEVER_A_CODE.length] ?? "";
      if ((await visitor.post("/sign-in/login/2fa", { otp })).status === 401) refused += 1;
      else kit.clock.advance("15m");
    }
    kit.clock.advance("30d");
    await begin();
    const locked = await visitor.post("/sign-in/login/2fa", { otp: await kit.code(account) });
    expect(locked.status).not.toBe(303);
    await expect(kit.signIn(account)).rejects.toThrow(/locked/);
  });
});
