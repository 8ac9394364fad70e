/** A flood of new names from new addresses: what it leaves in memory and in the database is bounded, and is pruned. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it, vi } from "vitest";
import { PRUNE_BATCH } from "../../src/auth/policy.js";
import { ask, form } from "../support/raw-request.js";
import { HOUR, openWorld, type World } from "../support/world.js";

/** No password is right here, and none costs a hash: the test is about everything else. */
vi.mock("@node-rs/argon2", async (original) => ({
  ...(await original<typeof import("@node-rs/argon2")>()),
  verify: async () => false,
}));

const AT_ONCE = 50;

const TRIES = 600;

/** Wrong passwords, each for a name of its own from an address of its own. */
async function flood(world: World, from: number, count: number): Promise<void> {
  for (let n = from; n < from + count; n += AT_ONCE) {
    const answers = Array.from({ length: AT_ONCE }, (_, i) => {
      const address = `10.${(n + i) >> 16}.${((n + i) >> 8) & 255}.${(n + i) & 255}`;
      const fields = { username: `name-${n + i}`, password: "wrong" };
      return ask(world, { path: "/login", ...form(fields, { "x-forwarded-for": address }) });
    });
    for (const { status } of await Promise.all(answers)) expect(status).toBe(401);
  }
}

/** Heap in use after garbage collection, in bytes. */
function heap(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed;
}

describe("a flood of new names from new addresses", () => {
  it("leaves two rows an attempt, pruned in small batches, and nothing in memory", async () => {
    const world = await openWorld({ TRUST_PROXY: "loopback", LOG_LEVEL: "silent" });
    await flood(world, 0, 100);
    // The world keeps events, log lines and answers for tests; a server does not.
    const kept = () =>
      world.events.splice(0).length + world.logLines.splice(0).length + world.answers.splice(0).length;
    kept();
    const before = heap();
    await flood(world, 100, TRIES - 100);
    expect(kept()).toBeGreaterThan(0);
    // V8 itself takes up to 2 KB an attempt while it warms up; a request kept in memory would take more.
    expect(heap() - before).toBeLessThan((TRIES - 100) * 4_000);

    const batches: number[] = [];
    const prune = world.store.throttle.prune;
    world.store.throttle.prune = async (...args) => {
      batches.push(await prune(...args));
      return batches.at(-1) ?? 0;
    };
    await world.auth.prune();
    expect(batches).toEqual([0]);
    world.advance(2 * HOUR); // counts by address expire after 15 minutes, and stay an hour longer
    await world.auth.prune();
    expect(batches.splice(0)).toEqual([0, ...Array<number>(TRIES / PRUNE_BATCH).fill(PRUNE_BATCH), 0]);
    world.advance(24 * HOUR); // counts by name expire after a day
    await world.auth.prune();
    expect(batches).toEqual([...Array<number>(TRIES / PRUNE_BATCH).fill(PRUNE_BATCH), 0]);
  });
});
