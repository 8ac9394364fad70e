/** Overload: more sign-ins at once than passwords can be hashed. */
import { availableParallelism } from "node:os";
import { verify } from "@node-rs/argon2";
import { describe, expect, it, vi } from "vitest";
import { PASSWORD_RULE } from "../../src/auth/policy.js";
import { allHeldBy } from "../support/cookies.js";
import { openDatabase } from "../support/other-program.js";
import { ask, form } from "../support/raw-request.js";
import { setUp } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

vi.mock("@node-rs/argon2", async (original) => {
  const real = await original<typeof import("@node-rs/argon2")>();
  return { ...real, verify: vi.fn(real.verify) };
});

describe("a full queue of password hashes", () => {
  it("answers 503 to some sign-ins, and goes on showing pages", async () => {
    const world = await openWorld({ TRUST_PROXY: "loopback" });
    const endOfCrowd = await crowd(world);
    const tries = Array.from({ length: 150 }, (_, n) =>
      ask(world, {
        path: "/login",
        ...form({ username: `name-${n}`, password: "wrong" }, { "x-forwarded-for": `203.0.113.${n}` }),
      }),
    );
    let answered = 0;
    for (const each of tries) void each.then(() => answered++);
    expect((await Promise.race(tries)).status).toBe(503);
    expect((await ask(world, { path: "/" })).status).toBe(200);
    expect(answered).toBeLessThan(tries.length); // it did not wait behind them
    await endOfCrowd();
    for (const answer of await Promise.all(tries)) {
      expect([401, 503]).toContain(answer.status);
      if (answer.status === 503) expect(answer.headers["retry-after"]).toBe("5");
      expect(answer.headers["set-cookie"]).toBeUndefined();
    }
  });

  it("answers within two seconds, and counts nothing against a name whose password was not hashed", async () => {
    const world = await openWorld();
    const own = (password: string) => ask(world, { path: "/login", ...form({ username: "test", password }) });
    for (let n = 1; n < PASSWORD_RULE.free; n++) expect((await own("wrong")).status).toBe(401);

    const endOfCrowd = await crowd(world);
    const asked = performance.now();
    const refused = await own("password");
    expect(performance.now() - asked).toBeLessThan(2_000);
    expect(refused.status).toBe(503);
    expect(refused.headers["retry-after"]).toBe("5");
    expect(refused.headers["set-cookie"]).toBeUndefined();
    await endOfCrowd();
    expect((await own("wrong")).status).toBe(401); // the last free failure
    expect((await own("password")).status).toBe(429);
  });

  it("writes nothing when it refuses at once", async () => {
    const world = await openWorld({ TRUST_PROXY: "loopback" });
    const endOfCrowd = await crowd(world);
    const guess = (n: number) =>
      ask(world, {
        path: "/login",
        ...form({ username: `name-${n}`, password: "wrong" }, { "x-forwarded-for": `203.0.113.${n}` }),
      });
    const line = Array.from({ length: 64 }, (_, n) => guess(n));
    await vi.waitFor(() => expect(world.auth.passwordHashes().waiting).toBe(64));
    // It changes with every transaction of another connection.
    const database = openDatabase(world);
    const version = () => database.prepare("pragma data_version").get();
    const before = version();
    for (const { status } of await Promise.all([guess(100), guess(101), guess(102)]))
      expect(status).toBe(503);
    expect(version()).toEqual(before);
    await endOfCrowd();
    await Promise.all(line);
    // Those who waited in the queue are counted.
    expect(version()).not.toEqual(before);
  });

  it("counts nothing, spends nothing and changes nothing when a session sends a password", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    const secret = await setUp(world, visitor);
    const cookie = allHeldBy(visitor);
    const forms = [
      ["/confirm", { password: "password", otp: world.code(secret) }],
      ["/account/password", { current_password: "password", new_password: "a quiet orange harbour" }],
    ] as const;
    // The word list that judges new passwords is loaded once, and may take its time.
    await visitor.post("/account/password", { current_password: "password", new_password: "short" });
    await visitor.post("/account/password", { current_password: "password", new_password: "password1" });
    const stored = () => {
      const database = openDatabase(world);
      return ["accounts", "authenticators", "sessions", "history"].map((name) =>
        database.prepare(`select * from ${name} order by 1`).all(),
      );
    };
    const before = stored();
    const endOfCrowd = await crowd(world);
    const asked = performance.now();
    for (const answer of await Promise.all(
      forms.map(([path, fields]) => ask(world, { path, ...form(fields, { cookie }) })),
    )) {
      expect(answer.status).toBe(503);
      expect(answer.headers["retry-after"]).toBe("5");
      expect(answer.headers["set-cookie"]).toBeUndefined();
    }
    expect(performance.now() - asked).toBeLessThan(2_000);
    await endOfCrowd();
    expect(stored()).toEqual(before);
    const counted = openDatabase(world).prepare("select * from throttle where account_id is not null").all();
    expect(counted).toEqual([]);
    // The same code and the same password still work.
    for (const [path, fields] of forms) expect((await visitor.post(path, fields)).status).toBe(303);
  });
});

/** Fills every slot for hashes. They stay full until the returned function is called. */
async function crowd(world: World): Promise<() => Promise<unknown>> {
  let letGo = (_right: boolean) => {};
  const stuck = new Promise<boolean>((resolve) => {
    letGo = resolve;
  });
  const places = Math.max(1, availableParallelism() - 1);
  const check = vi.fn(() => stuck);
  for (let n = 0; n < places; n++) vi.mocked(verify).mockImplementationOnce(check);
  const answers = Array.from({ length: places }, (_, n) =>
    ask(world, { path: "/login", ...form({ username: `crowd-${n}`, password: "wrong" }) }),
  );
  await vi.waitFor(() => expect(check).toHaveBeenCalledTimes(places));
  return () => {
    letGo(false);
    return Promise.all(answers);
  };
}
