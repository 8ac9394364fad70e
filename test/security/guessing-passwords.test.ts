/** Guessing passwords: how many tries anyone has, against one name and from one address, however they are sent. */
import { verify } from "@node-rs/argon2";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { FREE_GUESS } from "../support/free-guess.js";
import { holdWrites } from "../support/other-program.js";
import { statuses } from "../support/raw-request.js";
import { addAccount } from "../support/sign-in.js";
import { MINUTE, openTwoWorlds, openWorld, sharedDataDir, type World } from "../support/world.js";

// A password is evaluated when its hash is computed: that is what is counted.
vi.mock("@node-rs/argon2", async (original) => {
  const { withFreeGuesses } = await import("../support/free-guess.js");
  const real = withFreeGuesses(await original());
  return { ...real, verify: vi.fn(real.verify) };
});
const evaluated = () => vi.mocked(verify).mock.calls.length;
beforeEach(() => void vi.mocked(verify).mockClear());

async function fail(world: World, times: number, username = "test", headers: Record<string, string> = {}) {
  for (let n = 0; n < times; n++) {
    const answer = await world.visitor(headers).password(username, `wrong ${n}`);
    if (answer.status !== 401) throw new Error(`Try ${n + 1} was answered with ${answer.status}.`);
  }
}

describe("against one name", () => {
  it("refuses the sixth try unseen, though it were right", async () => {
    const world = await openWorld();
    await fail(world, 5);
    const sixth = await world.visitor().password();
    expect(sixth.status).toBe(429);
    expect(sixth.headers["retry-after"]).toBe("60");
    expect(sixth.headers["set-cookie"]).toBeUndefined();
    expect(evaluated()).toBe(5);
  });

  it("asks for 1, 2, 4, 8, 15 and then always 15 minutes of patience; trying meanwhile changes nothing", async () => {
    const world = await openWorld();
    await fail(world, 5);
    for (const minutes of [1, 2, 4, 8, 15, 15, 15]) {
      expect((await world.visitor().password()).headers["retry-after"]).toBe(String(minutes * 60));
      world.wait(minutes * MINUTE - 1);
      expect((await world.visitor().password()).status).toBe(429);
      world.wait(1);
      await fail(world, 1);
    }
    world.wait(15 * MINUTE);
    expect((await world.visitor().password()).status).toBe(303);
    await fail(world, 5); // the right one made a new start
  });

  it.each(["nobody-has-this-name", "not a name at all"])("slows down in the same way: %j", async (name) => {
    const world = await openWorld();
    await fail(world, 5, name);
    expect((await world.visitor().password(name)).headers["retry-after"]).toBe("60");
    expect(evaluated()).toBe(5);
  });

  it("counts every way to write the name as one", async () => {
    const world = await openWorld();
    for (const name of ["test", "TEST", " test", "Test\t", "\u00a0tEsT\ufeff"]) await fail(world, 1, name);
    expect((await world.visitor().password()).status).toBe(429);
  });

  it("is not reset by a right password for another name", async () => {
    const world = await openWorld();
    const mine = await addAccount(world, "attacker");
    await fail(world, 4);
    expect((await world.visitor().password(mine.username, mine.password)).status).toBe(303);
    await fail(world, 1);
    expect((await world.visitor().password()).status).toBe(429);
    expect((await world.visitor().password(mine.username, mine.password)).status).toBe(303);
  });

  it("evaluates exactly five of 200 at once", async () => {
    const world = await openWorld();
    const tries = Array.from({ length: 200 }, (_, n) => world.visitor().password("test", `wrong ${n}`));
    expect(statuses(await Promise.all(tries))).toEqual({ 401: 5, 429: 195 });
    expect(evaluated()).toBe(5);
  });

  it("evaluates exactly five of 200 at once over two Latchkeys on one database", async () => {
    const worlds = await openTwoWorlds();
    const tries = worlds.flatMap((world) =>
      Array.from({ length: 100 }, (_, n) => world.visitor().password("test", `wrong ${n}`)),
    );
    const counts = statuses(await Promise.all(tries));
    expect(counts[401]).toBe(5);
    expect(Object.keys(counts).every((status) => ["401", "429", "503"].includes(status))).toBe(true);
    expect(evaluated()).toBe(5);
  });

  it("remembers over a restart", async () => {
    const DATA_DIR = sharedDataDir();
    const before = await openWorld({ DATA_DIR });
    await fail(before, 5);
    await before.close();
    const after = await openWorld({ DATA_DIR });
    expect((await after.visitor().password()).status).toBe(429);
  });
});

describe("from one address", () => {
  /** Behind a proxy that Latchkey trusts, as the internet would come in. */
  const from = (address: string) => ({ "X-Forwarded-For": address });
  const guess = (world: World, address: string, name = "one-more") =>
    world.visitor(from(address)).password(name, FREE_GUESS);

  async function failFrom(world: World, times: number, address: (n: number) => string) {
    for (let n = 0; n < times; n++) {
      expect((await world.visitor(from(address(n))).password(`name-${n}`, FREE_GUESS)).status).toBe(401);
    }
  }

  it("refuses after 50 failures, whatever the names, for a quarter of an hour", async () => {
    const world = await openWorld({ TRUST_PROXY: "loopback" });
    const mine = await addAccount(world, "attacker");
    await failFrom(world, 49, () => "203.0.113.7");
    // One's own right password neither counts nor makes a new start.
    const right = await world.visitor(from("203.0.113.7")).password(mine.username, mine.password);
    expect(right.status).toBe(303);
    await failFrom(world, 1, () => "203.0.113.7");
    const refused = await guess(world, "203.0.113.7");
    expect(refused.status).toBe(429);
    expect(refused.headers["retry-after"]).toBe("900");
    expect((await guess(world, "::ffff:203.0.113.7")).status).toBe(429);
    expect((await guess(world, "203.0.113.7:50412")).status).toBe(429);
    expect((await guess(world, "203.0.113.8")).status).toBe(401);
    world.wait(15 * MINUTE);
    expect((await guess(world, "203.0.113.7")).status).toBe(401);
  });

  it("takes the /64 of an IPv6 address for one", async () => {
    const world = await openWorld({ TRUST_PROXY: "loopback" });
    await failFrom(world, 50, (n) => `2001:db8:1:2:${n.toString(16)}::${n}`);
    expect((await guess(world, "2001:db8:1:2:ffff:ffff:ffff:ffff")).status).toBe(429);
    expect((await guess(world, "2001:db8:1:3::1")).status).toBe(401);
  });

  it("does not count what the delay of a name refused", async () => {
    const world = await openWorld({ TRUST_PROXY: "loopback" });
    await fail(world, 5, "one-name", from("203.0.113.7"));
    for (let n = 0; n < 60; n++) await guess(world, "203.0.113.7", "one-name");
    expect((await guess(world, "203.0.113.7", "other-name")).status).toBe(401);
  });

  it("is turned away by what is only read, by name and by address: no row is kept from whoever is let through", async () => {
    const world = await openWorld({ TRUST_PROXY: "loopback" });
    await fail(world, 5, "one-name");
    await failFrom(world, 50, () => "203.0.113.7");
    await holdWrites(world);
    expect((await guess(world, "203.0.113.8", "one-name")).status).toBe(429);
    expect((await guess(world, "203.0.113.7", "other-name")).status).toBe(429);
    expect((await guess(world, "203.0.113.8", "other-name")).status).toBe(503);
  });

  it.each([
    ["nobody is trusted", {}, (n: number) => `198.51.100.${n}`],
    ["another proxy is trusted", { TRUST_PROXY: "192.0.2.1" }, (n: number) => `198.51.100.${n}`],
    [
      "the proxy adds to what was sent",
      { TRUST_PROXY: "loopback" },
      (n: number) => `198.51.100.${n}, 203.0.113.7`,
    ],
  ])("believes no address that the client made up: %s", async (_case, env, address) => {
    const world = await openWorld(env as Record<string, string>);
    await failFrom(world, 50, address);
    expect((await guess(world, address(99))).status).toBe(429);
  });

  it("evaluates exactly 50 of 150 at once", async () => {
    const world = await openWorld();
    const answers = [];
    // In waves: more at once than the line for hashes holds would be sent away as too busy, and not counted.
    for (let wave = 0; wave < 5; wave++) {
      const tries = Array.from({ length: 30 }, (_, n) =>
        world.visitor().password(`name-${wave}-${n}`, "wrong"),
      );
      answers.push(...(await Promise.all(tries)));
    }
    expect(statuses(answers)).toEqual({ 401: 50, 429: 100 });
    expect(evaluated()).toBe(50);
  });
});
