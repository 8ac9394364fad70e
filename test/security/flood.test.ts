/** A flood of new names from new addresses: what it leaves is bounded, in memory and in the database, and goes again. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it, vi } from "vitest";
import { ask, form } from "../support/raw-request.js";
import { HOUR, openWorld, type World } from "../support/world.js";

/** No password is right here, and none costs anything: the flood is to be about the rest. */
vi.mock("@node-rs/argon2", async (original) => ({
  ...(await original<typeof import("@node-rs/argon2")>()),
  verify: async () => false,
}));

const AT_ONCE = 50;

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

/** What is really held (bytes), without what waits to be collected. */
function heap(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed;
}

it("leaves two rows a try, which go in small steps once their time is over, and nothing in memory", async () => {
  const world = await openWorld({ TRUST_PROXY: "loopback", LOG_LEVEL: "silent" });
  await flood(world, 0, 100);
  // The world keeps what it hears of, for tests; a server does not.
  const kept = () =>
    world.events.splice(0).length + world.logLines.splice(0).length + world.answers.splice(0).length;
  kept();
  const before = heap();
  await flood(world, 100, 500);
  expect(kept()).toBeGreaterThan(0);
  // The engine itself takes up to 2 KB a try while it warms up; anything of a request that stayed would be more.
  expect(heap() - before).toBeLessThan(500 * 4_000);

  const steps: number[] = [];
  const prune = world.store.throttle.prune;
  world.store.throttle.prune = async (...args) => {
    steps.push(await prune(...args));
    return steps.at(-1) ?? 0;
  };
  await world.auth.prune();
  expect(steps).toEqual([0]);
  world.wait(2 * HOUR); // addresses are forgotten after a quarter of an hour, and kept an hour more
  await world.auth.prune();
  expect(steps.splice(0)).toEqual([0, ...Array<number>(12).fill(50), 0]);
  world.wait(24 * HOUR); // and names after a day
  await world.auth.prune();
  expect(steps).toEqual([...Array<number>(12).fill(50), 0]);
});
