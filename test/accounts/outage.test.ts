/** An outage under `latchkey.accounts`: an error with status 503, soon, and nothing half. */
import { describe, expect, it } from "vitest";
import { Overloaded, StoreUnavailable } from "../../src/auth/index.js";
import { accountsOf, created, PASSWORD } from "../support/accounts.js";
import { holdWrites } from "../support/other-program.js";
import { timed } from "../support/timed.js";
import { openWorld } from "../support/world.js";

describe("latchkey.accounts while the database is held", () => {
  it("rejects each change with 503 within two seconds, and goes on afterwards", async () => {
    const world = await openWorld({ DEMO: "off" });
    const accounts = accountsOf(world);
    const anna = await created(accounts, { username: "anna", password: PASSWORD });
    await holdWrites(world);
    const calls = [
      () => accounts.create({ username: "bert" }),
      () => accounts.update(anna.id, { name: "Anna" }),
      () => accounts.setPassword(anna.id, "umbrella drawer kettle"),
      () => accounts.signOut(anna.id),
      () => accounts.remove(anna.id),
    ];
    const answers = await Promise.all(calls.map((call) => timed(call().catch((error) => error))));
    for (const [error, ms] of answers) {
      expect(error).toMatchObject({ status: 503, cause: expect.any(StoreUnavailable) });
      expect(ms).toBeLessThan(2_500);
    }
    expect(await accounts.find({ id: anna.id })).toEqual(anna);
    expect(await accounts.find({ username: "bert" })).toBeUndefined();
  });
});

describe("latchkey.accounts while every part of a change fails in turn", () => {
  it("changes all or nothing, and reports an event only of what was done", async () => {
    const world = await openWorld({ DEMO: "off" });
    const accounts = accountsOf(world);
    const anna = await created(accounts, { username: "anna", password: PASSWORD });
    world.events.splice(0);
    const real = world.store.transaction;
    for (const call of ["labels.freeze", "throttle.copy", "history.add", "accounts.summary"]) {
      const [part = "", name = ""] = call.split(".");
      world.store.transaction = (work) =>
        real((store) => {
          const methods: object = Reflect.get(store, part);
          expect(methods).toHaveProperty(name);
          Reflect.set(methods, name, () => Promise.reject(new StoreUnavailable("no")));
          return work(store);
        });
      await expect(accounts.update(anna.id, { username: "bert", name: "Bert" })).rejects.toMatchObject({
        status: 503,
      });
      world.store.transaction = real;
      expect(await accounts.find({ id: anna.id }), call).toEqual(anna);
    }
    expect(world.events).toEqual([]);
    expect(await accounts.update(anna.id, { username: "bert" })).toMatchObject({ outcome: "done" });
  });
});

describe("latchkey.accounts while too many passwords wait", () => {
  it("rejects some with 503, and creates the others", async () => {
    const accounts = accountsOf(await openWorld({ DEMO: "off" }));
    const all = await Promise.allSettled(
      Array.from({ length: 300 }, (_, n) => accounts.create({ username: `p${n}`, password: PASSWORD })),
    );
    const refused = all.filter((one) => one.status === "rejected");
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused)
      expect(reason).toMatchObject({ status: 503, cause: expect.any(Overloaded) });
    const { accounts: there } = await accounts.list({ limit: 1_000 });
    expect(there).toHaveLength(all.length - refused.length);
  });
});
