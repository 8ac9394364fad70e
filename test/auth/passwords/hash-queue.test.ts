/** The queue of password hashes: few run at once, few wait, and none waits long. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HashQueue, Overloaded } from "../../../src/auth/passwords/hash-queue.js";

/** Work that ends when it is told to. */
function controlled() {
  let finish = () => {};
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return { work: () => done, finish };
}

describe("the hash queue", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("runs no more at once than it has slots, in the order in which work came", async () => {
    const queue = new HashQueue(2);
    const started: number[] = [];
    const jobs = [0, 1, 2, 3].map(() => controlled());
    const runs = jobs.map((job, index) =>
      queue.run(() => {
        started.push(index);
        return job.work();
      }),
    );
    await vi.advanceTimersByTimeAsync(0);
    expect(started).toEqual([0, 1]);
    jobs[1]?.finish();
    await vi.advanceTimersByTimeAsync(0);
    expect(started).toEqual([0, 1, 2]);
    for (const job of jobs) job.finish();
    await Promise.all(runs);
    expect(started).toEqual([0, 1, 2, 3]);
  });

  it("refuses work that would wait too long, and never runs it later", async () => {
    const queue = new HashQueue(1);
    const first = controlled();
    const running = queue.run(first.work);
    const late = vi.fn(async () => {});
    const waiting = expect(queue.run(late)).rejects.toBeInstanceOf(Overloaded);
    await vi.advanceTimersByTimeAsync(1_500);
    await waiting;
    first.finish();
    await running;
    await queue.run(async () => {});
    expect(late).not.toHaveBeenCalled();
  });

  it("refuses at once when the queue is full", async () => {
    const queue = new HashQueue(1);
    const first = controlled();
    const all = [queue.run(first.work), ...Array.from({ length: 64 }, () => queue.run(async () => {}))];
    await expect(queue.run(async () => {})).rejects.toBeInstanceOf(Overloaded);
    first.finish();
    await Promise.all(all);
  });

  it("keeps reserved places, and refuses all other work at once", async () => {
    const queue = new HashQueue(1);
    const places = Array.from({ length: 65 }, () => queue.reserve());
    expect(() => queue.reserve()).toThrow(Overloaded);
    await expect(queue.run(async () => {})).rejects.toBeInstanceOf(Overloaded);
    expect(queue.load().refused.full).toBe(2);
    const [first, second, ...others] = places;
    expect(await first?.run(async () => "done")).toBe("done");
    second?.release();
    second?.release();
    const again = [queue.reserve(), queue.reserve()];
    expect(() => queue.reserve()).toThrow(Overloaded);
    for (const place of [...others, ...again]) place.release();
    await expect(queue.run(async () => "next")).resolves.toBe("next");
  });

  it("measures the wait from the reservation, so that a timeout reveals nothing of the work in between", async () => {
    const queue = new HashQueue(1);
    const first = controlled();
    const running = queue.run(first.work);
    const place = queue.reserve();
    await vi.advanceTimersByTimeAsync(1_400);
    const waiting = expect(place.run(async () => {})).rejects.toBeInstanceOf(Overloaded);
    await vi.advanceTimersByTimeAsync(100);
    await waiting;
    first.finish();
    await running;
  });

  it("counts what runs, what waits, and what was refused for which reason", async () => {
    const queue = new HashQueue(1);
    expect(queue.load()).toEqual({ running: 0, waiting: 0, refused: { full: 0, tooLong: 0 } });
    const first = controlled();
    const running = queue.run(first.work);
    const waiting = Array.from({ length: 64 }, () => queue.run(async () => {}));
    const over = [...waiting, queue.run(async () => {})].map((run) =>
      expect(run).rejects.toThrow(Overloaded),
    );
    expect(queue.load()).toEqual({ running: 1, waiting: 64, refused: { full: 1, tooLong: 0 } });
    await vi.advanceTimersByTimeAsync(1_500);
    await Promise.all(over);
    expect(queue.load()).toEqual({ running: 1, waiting: 0, refused: { full: 1, tooLong: 64 } });
    first.finish();
    await running;
    expect(queue.load().running).toBe(0);
  });

  it("frees its slot when the work fails", async () => {
    const queue = new HashQueue(1);
    await expect(queue.run(() => Promise.reject(new Error("no memory")))).rejects.toThrow("no memory");
    await expect(queue.run(async () => "next")).resolves.toBe("next");
  });
});
