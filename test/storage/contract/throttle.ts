/** The throttle in any store: attempts are counted exactly, however many come at once. */
import { describe, expect, it } from "vitest";
import { store } from "./opened.js";
import { MINUTE, RULE } from "./rows.js";

export function throttleContract(): void {
  describe("throttle", () => {
    it("counts exactly the free attempts when a hundred come at once", async () => {
      const counted = await Promise.all(
        Array.from({ length: 100 }, () => store.throttle.count("pool", RULE, 1_000)),
      );
      expect(counted.filter((one) => one.counted)).toHaveLength(3);
      expect(counted.at(-1)).toEqual({ counted: false, until: 1_000 + MINUTE });
    });

    it("allows one attempt after each delay, and repeats the last delay", async () => {
      let now = 1_000;
      for (let i = 0; i < 3; i++) await store.throttle.count("pool", RULE, now);
      for (const delay of [MINUTE, 2 * MINUTE, 2 * MINUTE]) {
        expect(await store.throttle.delayedUntil(["pool"], now)).toBe(now + delay);
        expect((await store.throttle.count("pool", RULE, now + delay - 1)).counted).toBe(false);
        now += delay;
        expect(await store.throttle.delayedUntil(["pool"], now)).toBeUndefined();
        expect((await store.throttle.count("pool", RULE, now)).counted).toBe(true);
      }
    });

    it("refunds one attempt, and the delay that it began", async () => {
      for (let i = 0; i < 3; i++) await store.throttle.count("pool", RULE, 1_000);
      await store.throttle.refund("pool", 1_000);
      expect((await store.throttle.count("pool", RULE, 1_000)).counted).toBe(true);
      expect((await store.throttle.count("pool", RULE, 1_000)).counted).toBe(false);
    });

    it("refunds an attempt in the window that counted it, never in a later one", async () => {
      const windowed = { ...RULE, window: 100 };
      const counted = await store.throttle.count("second-factor", windowed, 1_000, "account");
      expect(counted).toEqual({ counted: true, since: 1_000 });
      await store.throttle.count("second-factor", windowed, 1_100, "account");
      await store.throttle.refund("second-factor", 1_000);
      expect(await store.throttle.secondFactorFailures("account")).toBe(1);
      await store.throttle.refund("second-factor", 1_100);
      expect(await store.throttle.secondFactorFailures("account")).toBe(0);
    });

    it("keeps no row when all attempts were refunded", async () => {
      const { counted } = await store.throttle.count("pool", { ...RULE, window: 100 }, 1_000);
      expect(counted).toBe(true);
      await store.throttle.refund("pool", 1_000);
      expect(await store.throttle.prune(2_000, 10)).toBe(0);
    });

    it("forgets attempts when their window is over, not earlier", async () => {
      const windowed = { ...RULE, delays: [10], window: 100 };
      for (let i = 0; i < 3; i++) await store.throttle.count("pool", windowed, 1_000);
      expect(await store.throttle.prune(1_099, 10)).toBe(0);
      await store.throttle.count("pool", windowed, 1_100);
      expect(await store.throttle.delayedUntil(["pool"], 1_100)).toBeUndefined();
      expect(await store.throttle.prune(1_200, 10)).toBe(1);
    });

    it("adds up failures over an account's second-factor pools until it is cleared", async () => {
      const pools = ["second-factor 1", "second-factor 1", "second-factor 2", "password 1"];
      for (const pool of pools) await store.throttle.count(pool, RULE, 1, "account");
      await store.throttle.count("second-factor 3", RULE, 1, "other");
      expect(await store.throttle.secondFactorFailures("account")).toBe(3);
      await store.throttle.clearAccount("account");
      expect(await store.throttle.secondFactorFailures("account")).toBe(0);
      expect(await store.throttle.secondFactorFailures("other")).toBe(1);
    });

    it("tells the delay of one second-factor pool, and the failures of all together", async () => {
      expect(await store.throttle.secondFactorState("account", "second-factor 1")).toEqual({
        failures: 0,
        delayedUntil: 0,
      });
      for (let i = 0; i < 3; i++) await store.throttle.count("second-factor 1", RULE, 1, "account");
      await store.throttle.count("second-factor 2", RULE, 1, "account");
      await store.throttle.count("password 1", RULE, 1, "account");
      const delayedUntil = 1 + MINUTE;
      expect(await store.throttle.secondFactorState("account", "second-factor 1")).toEqual({
        failures: 4,
        delayedUntil,
      });
      expect(await store.throttle.secondFactorState("account", "second-factor 2")).toEqual({
        failures: 4,
        delayedUntil: 0,
      });
    });

    it("tells the longest of several delays", async () => {
      for (let i = 0; i < 3; i++) await store.throttle.count("one", RULE, 1);
      for (let i = 0; i < 3; i++) await store.throttle.count("other", RULE, 2);
      expect(await store.throttle.delayedUntil(["other", "one", "none"], 3)).toBe(2 + MINUTE);
      expect(await store.throttle.delayedUntil(["one", "other"], 1 + MINUTE)).toBe(2 + MINUTE);
      expect(await store.throttle.delayedUntil(["none"], 3)).toBeUndefined();
    });

    it("clears every pool of an account, also those of its passwords", async () => {
      for (let i = 0; i < 3; i++) await store.throttle.count("password 1", RULE, 1, "account");
      await store.throttle.clearAccount("account");
      expect(await store.throttle.delayedUntil(["password 1"], 1)).toBeUndefined();
    });

    it("clears all pools of an account except one", async () => {
      const pools = ["second-factor account", "second-factor account browser", "password account browser"];
      for (const pool of pools) await store.throttle.count(pool, RULE, 1, "account");
      await store.throttle.clearAccount("account", "second-factor account");
      expect(await store.throttle.secondFactorFailures("account")).toBe(1);
    });
  });
}
