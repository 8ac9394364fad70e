/** Overload: more sign-ins at once than passwords can be checked. */
import { availableParallelism } from "node:os";
import { verify } from "@node-rs/argon2";
import { expect, it, vi } from "vitest";
import { ask, form, openWorld } from "../support/attack.js";

vi.mock("@node-rs/argon2", async (original) => {
  const real = await original<typeof import("@node-rs/argon2")>();
  return { ...real, verify: vi.fn(real.verify) };
});

it("sends some away, and goes on showing pages", async () => {
  const world = await openWorld();
  const tries = Array.from({ length: 150 }, (_, n) =>
    ask(world, { path: "/login", ...form({ username: `name-${n % 30}`, password: "wrong" }) }),
  );
  let answered = 0;
  for (const each of tries) void each.then(() => answered++);
  expect((await ask(world, { path: "/" })).status).toBe(200);
  expect(answered).toBeLessThan(tries.length); // it did not wait for its turn behind them
  for (const answer of await Promise.all(tries)) {
    expect([401, 429, 503]).toContain(answer.status);
    if (answer.status !== 401) expect(answer.headers["retry-after"]).toBeDefined();
    expect(answer.headers["set-cookie"]).toBeUndefined();
  }
});

// Timed, so tried again on a machine that is busy with other things.
it("says so within two seconds, and counts nothing against a name whose password was not looked at", {
  retry: 2,
}, async () => {
  const world = await openWorld();
  const own = (password: string) => ask(world, { path: "/login", ...form({ username: "test", password }) });
  for (let n = 0; n < 4; n++) expect((await own("wrong")).status).toBe(401);

  // As many checks as may run at once begin, and do not end.
  let letGo = (_right: boolean) => {};
  const stuck = new Promise<boolean>((resolve) => {
    letGo = resolve;
  });
  const places = Math.max(1, availableParallelism() - 1);
  const check = vi.fn(() => stuck);
  for (let n = 0; n < places; n++) vi.mocked(verify).mockImplementationOnce(check);
  const crowd = Array.from({ length: places }, (_, n) =>
    ask(world, { path: "/login", ...form({ username: `crowd-${n}`, password: "wrong" }) }),
  );
  await vi.waitFor(() => expect(check).toHaveBeenCalledTimes(places));

  const asked = performance.now();
  const sentAway = await own("password");
  expect(performance.now() - asked).toBeLessThan(2_000);
  expect(sentAway.status).toBe(503);
  expect(sentAway.headers["retry-after"]).toBe("5");
  expect(sentAway.headers["set-cookie"]).toBeUndefined();
  letGo(false);
  await Promise.all(crowd);
  expect((await own("wrong")).status).toBe(401); // the fifth failure
  expect((await own("password")).status).toBe(429);
});
