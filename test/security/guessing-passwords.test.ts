/** Guessing passwords: how many tries one name and one address allow, however they are sent. */
import { verify } from "@node-rs/argon2";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ADDRESS_RULE, PASSWORD_RULE } from "../../src/auth/policy.js";
import { FREE_GUESS } from "../support/free-guess.js";
import { holdWrites } from "../support/other-program.js";
import { statuses } from "../support/raw-request.js";
import { addAccount } from "../support/sign-in.js";
import { MINUTE, openTwoWorlds, openWorld, sharedDataDir, type World } from "../support/world.js";

// To evaluate a password is to hash it: these tests count the hashes.
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

describe("passwords guessed against one name", () => {
  it("refuses the sixth password without hashing it, even the right one", async () => {
    const world = await openWorld();
    await fail(world, 5);
    const sixth = await world.visitor().password();
    expect(sixth.status).toBe(429);
    expect(sixth.headers["retry-after"]).toBe("60");
    expect(sixth.headers["set-cookie"]).toBeUndefined();
    expect(evaluated()).toBe(5);
  });

  it("doubles the delay from 1 to 15 minutes, whatever is sent meanwhile", async () => {
    const world = await openWorld();
    await fail(world, PASSWORD_RULE.free);
    for (const minutes of [1, 2, 4, 8, 15, 15, 15]) {
      expect((await world.visitor().password()).headers["retry-after"]).toBe(String(minutes * 60));
      world.advance(minutes * MINUTE - 1);
      expect((await world.visitor().password()).status).toBe(429);
      world.advance(1);
      await fail(world, 1);
    }
    world.advance(15 * MINUTE);
    expect((await world.visitor().password()).status).toBe(303);
    await fail(world, PASSWORD_RULE.free); // the right password cleared the count
  });

  it.each(["nobody-has-this-name", "not a name at all"])(
    "delays guesses at a name that nobody has in the same way: %j",
    async (name) => {
      const world = await openWorld();
      await fail(world, PASSWORD_RULE.free, name);
      expect((await world.visitor().password(name)).headers["retry-after"]).toBe("60");
      expect(evaluated()).toBe(5);
    },
  );

  it("counts every spelling of a name as one", async () => {
    const world = await openWorld();
    for (const name of ["test", "TEST", " test", "Test\t", "\u00a0tEsT\ufeff"]) await fail(world, 1, name);
    expect((await world.visitor().password()).status).toBe(429);
  });

  it("keeps the count when the guesser signs in to another account", async () => {
    const world = await openWorld();
    const mine = await addAccount(world, "attacker");
    await fail(world, PASSWORD_RULE.free - 1);
    expect((await world.visitor().password(mine.username, mine.password)).status).toBe(303);
    await fail(world, 1);
    expect((await world.visitor().password()).status).toBe(429);
    expect((await world.visitor().password(mine.username, mine.password)).status).toBe(303);
  });

  it("hashes five of 200 passwords sent at once", async () => {
    const world = await openWorld();
    const tries = Array.from({ length: 200 }, (_, n) => world.visitor().password("test", `wrong ${n}`));
    expect(statuses(await Promise.all(tries))).toEqual({ 401: 5, 429: 195 });
    expect(evaluated()).toBe(5);
  });

  it("hashes five of 200 passwords sent at once to two nodes", async () => {
    const worlds = await openTwoWorlds();
    const tries = worlds.flatMap((world) =>
      Array.from({ length: 100 }, (_, n) => world.visitor().password("test", `wrong ${n}`)),
    );
    const counts = statuses(await Promise.all(tries));
    expect(counts[401]).toBe(5);
    expect(Object.keys(counts).every((status) => ["401", "429", "503"].includes(status))).toBe(true);
    expect(evaluated()).toBe(5);
  });

  it("keeps the count over a restart", async () => {
    const DATA_DIR = sharedDataDir();
    const before = await openWorld({ DATA_DIR });
    await fail(before, PASSWORD_RULE.free);
    await before.close();
    const after = await openWorld({ DATA_DIR });
    expect((await after.visitor().password()).status).toBe(429);
  });
});

describe("passwords guessed from one address", () => {
  /** As a proxy that Latchkey trusts passes an address on. */
  const from = (address: string) => ({ "X-Forwarded-For": address });
  const guess = (world: World, address: string, name = "one-more") =>
    world.visitor(from(address)).password(name, FREE_GUESS);

  async function failFrom(world: World, times: number, address: (n: number) => string) {
    for (let n = 0; n < times; n++) {
      expect((await world.visitor(from(address(n))).password(`name-${n}`, FREE_GUESS)).status).toBe(401);
    }
  }

  it("refuses after 50 failures for 15 minutes, whatever the names", async () => {
    const world = await openWorld({ TRUST_PROXY: "loopback" });
    const mine = await addAccount(world, "attacker");
    await failFrom(world, 49, () => "203.0.113.7");
    // A right password neither counts nor clears the count.
    const right = await world.visitor(from("203.0.113.7")).password(mine.username, mine.password);
    expect(right.status).toBe(303);
    await failFrom(world, 1, () => "203.0.113.7");
    const refused = await guess(world, "203.0.113.7");
    expect(refused.status).toBe(429);
    expect(refused.headers["retry-after"]).toBe("900");
    expect((await guess(world, "::ffff:203.0.113.7")).status).toBe(429);
    expect((await guess(world, "203.0.113.7:50412")).status).toBe(429);
    expect((await guess(world, "203.0.113.8")).status).toBe(401);
    world.advance(15 * MINUTE);
    expect((await guess(world, "203.0.113.7")).status).toBe(401);
  });

  it("counts the /64 of an IPv6 address as one", async () => {
    const world = await openWorld({ TRUST_PROXY: "loopback" });
    await failFrom(world, ADDRESS_RULE.free, (n) => `2001:db8:1:2:${n.toString(16)}::${n}`);
    expect((await guess(world, "2001:db8:1:2:ffff:ffff:ffff:ffff")).status).toBe(429);
    expect((await guess(world, "2001:db8:1:3::1")).status).toBe(401);
  });

  it("does not count what the delay of a name refused", async () => {
    const world = await openWorld({ TRUST_PROXY: "loopback" });
    await fail(world, PASSWORD_RULE.free, "one-name", from("203.0.113.7"));
    for (let n = 0; n < ADDRESS_RULE.free + 10; n++) await guess(world, "203.0.113.7", "one-name");
    expect((await guess(world, "203.0.113.7", "other-name")).status).toBe(401);
  });

  it("only reads while a delay of the name or the address runs, so that a flood holds no row locks", async () => {
    const world = await openWorld({ TRUST_PROXY: "loopback" });
    await fail(world, PASSWORD_RULE.free, "one-name");
    await failFrom(world, ADDRESS_RULE.free, () => "203.0.113.7");
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
  ])("ignores an address that the client made up when %s", async (_case, env, address) => {
    const world = await openWorld(env as Record<string, string>);
    await failFrom(world, ADDRESS_RULE.free, address);
    expect((await guess(world, address(99))).status).toBe(429);
  });

  it("hashes 50 of 150 passwords sent at once", async () => {
    const world = await openWorld();
    const answers = [];
    // In waves: more at once than the queue for hashes holds would get a 503, uncounted.
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
