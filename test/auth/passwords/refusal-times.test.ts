/** The times of refused passwords: as if every guess had been at an imported name with the dearest hash. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Overloaded } from "../../../src/auth/passwords/hash-queue.js";
import { LineFull, RefusalTimes } from "../../../src/auth/passwords/refusal-times.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Starts checks at once, and says after how many ms each refusal is due, to the next 10 ms. */
async function dueOf(times: RefusalTimes, costs: number[]): Promise<number[]> {
  const began = performance.now();
  const dues = costs.map(async (cost) => {
    const held = times.start(cost);
    await held.untilDue();
    held.end();
    return Math.round((performance.now() - began) / 10) * 10;
  });
  await vi.advanceTimersByTimeAsync(60_000);
  return Promise.all(dues);
}

describe("the time of a refused password", () => {
  it("is the dearest check, for one guess", async () => {
    expect(await dueOf(new RefusalTimes(1), [200])).toEqual([200]);
  });

  it("is as late as a line of such checks would make it, for several at once", async () => {
    expect(await dueOf(new RefusalTimes(1), [200, 200, 200, 200])).toEqual([200, 400, 600, 800]);
    expect(await dueOf(new RefusalTimes(2), [200, 200, 200, 200])).toEqual([200, 200, 400, 400]);
  });

  it("is the time and the error of a full line for all that would wait longer than a second", async () => {
    const times = new RefusalTimes(1);
    const began = performance.now();
    const ends = Array.from({ length: 100 }, async () => {
      const error: unknown = await times
        .start(200)
        .untilDue()
        .catch((error: unknown) => error);
      return [error instanceof LineFull, Math.round(performance.now() - began)];
    });
    await vi.advanceTimersByTimeAsync(60_000);
    const all = await Promise.all(ends);
    expect(all.slice(0, 6)).toEqual([200, 400, 600, 800, 1_000, 1_200].map((due) => [false, due]));
    expect(all.slice(6)).toEqual(Array(94).fill([true, 1_700]));
    expect(times.refused).toBe(94);
  });

  it("does not count a password that turned out right", async () => {
    const times = new RefusalTimes(1);
    for (let n = 0; n < 100; n++) times.start(200).end();
    expect(await dueOf(times, [200, 200])).toEqual([200, 400]);
  });

  it("is no later than ten seconds, whatever the check is said to take", async () => {
    expect(await dueOf(new RefusalTimes(1), [50_000])).toEqual([10_000]);
  });

  it("is the first again when the line is empty", async () => {
    const times = new RefusalTimes(1);
    await dueOf(times, [200, 200, 200]);
    expect(await dueOf(times, [200])).toEqual([200]);
  });

  it("follows a machine that is slower than the estimate, and forgets that after a while", async () => {
    const times = new RefusalTimes(1);
    times.observe(200, 500);
    expect(await dueOf(times, [200])).toEqual([500]);
    for (let n = 0; n < 32; n++) times.observe(200, 100);
    expect(await dueOf(times, [200])).toEqual([200]);
    times.observe(200, 60_000);
    expect(await dueOf(times, [200])).toEqual([800]);
  });

  it("is none for one check too many: it is turned away until another has ended", () => {
    const times = new RefusalTimes(1);
    const all = Array.from({ length: 1_024 }, () => times.start(10));
    expect(() => times.start(10)).toThrow(Overloaded);
    expect(times.refused).toBe(1);
    all[0]?.end();
    expect(() => times.start(10)).not.toThrow();
  });

  it("keeps no timer for a check that ends before", () => {
    const held = new RefusalTimes(1).start(200);
    void held.untilDue();
    expect(vi.getTimerCount()).toBe(1);
    held.end();
    expect(vi.getTimerCount()).toBe(0);
  });
});
