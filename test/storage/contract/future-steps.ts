/** Last steps that lie in the future, because a clock was ahead, in any store: counted and reset, while accepted codes stay spent. */
import { describe, expect, it } from "vitest";
import type { Authenticator } from "../../../src/auth/store.js";
import { store } from "./opened.js";
import { ACCOUNT } from "./rows.js";

export function lastStepsAheadContract(): void {
  describe("last steps in the future", () => {
    const authenticator = (id: string, over: Partial<Authenticator> = {}): Authenticator => ({
      id,
      accountId: ACCOUNT.id,
      name: id,
      number: 1,
      sealedSecret: "keyname1.sealed",
      lastStep: 100,
      createdAt: 1,
      lastUsedAt: 1,
      driftSeconds: null,
      label: null,
      ...over,
    });
    const AHEAD = { latest: 1_000, followsDrift: false };
    const steps = async () =>
      (await store.authenticators.of(ACCOUNT.id)).map(({ lastStep, spentFuture }) => [
        lastStep,
        ...(spentFuture ? [spentFuture.from, spentFuture.to] : []),
      ]);

    it("resets only steps beyond the latest, and keeps accepted codes spent", async () => {
      const { accounts, authenticators } = store;
      await accounts.add({ ...ACCOUNT, id: "bob", username: "bob" });
      await authenticators.add(authenticator("a", { lastStep: 1_000 }));
      await authenticators.add(authenticator("b", { lastStep: 1_500 }));
      await authenticators.add(authenticator("c", { lastStep: 1_510 }));
      await authenticators.add(authenticator("bob's", { accountId: "bob", lastStep: 9_000 }));
      expect(await authenticators.resetFuture(ACCOUNT.id, { ...AHEAD, from: 1_498 })).toBe(2);
      expect(await steps()).toEqual([[1_000], [1_000, 1_498, 1_500], [1_000, 1_498, 1_510]]);
      expect((await authenticators.of("bob"))[0]).toEqual(
        authenticator("bob's", { accountId: "bob", lastStep: 9_000 }),
      );
      expect(await authenticators.resetFuture(ACCOUNT.id, { ...AHEAD, from: 1_498 })).toBe(0);

      for (const step of [1_498, 1_499, 1_500])
        expect(await authenticators.spendStep("b", step, 1, null)).toBe(false);
      for (const first of [1_497, 1_498, 1_500])
        expect(await authenticators.spendPair("b", first, 1, 0)).toBe(false);
      expect(await authenticators.spendStep("b", 1_001, 1, null)).toBe(true);
      expect(await authenticators.spendPair("b", 1_496, 1, 0)).toBe(true);
      expect(await authenticators.spendStep("b", 1_501, 1, null)).toBe(true);
    });

    it("keeps only the last step spent when the start is unknown or later", async () => {
      const { authenticators } = store;
      await authenticators.add(authenticator("a", { lastStep: 1_500 }));
      await authenticators.resetFuture(ACCOUNT.id, { ...AHEAD, from: undefined });
      expect(await steps()).toEqual([[1_000, 1_500, 1_500]]);
      await authenticators.add(authenticator("b", { lastStep: 1_500 }));
      await authenticators.resetFuture(ACCOUNT.id, { ...AHEAD, from: 1_600 });
      expect((await steps())[1]).toEqual([1_000, 1_500, 1_500]);
    });

    it("keeps steps of an earlier reset spent until their time has passed", async () => {
      const { authenticators } = store;
      await authenticators.add(authenticator("a", { lastStep: 1_500 }));
      await authenticators.resetFuture(ACCOUNT.id, { ...AHEAD, from: 1_400 });
      expect(await authenticators.spendStep("a", 1_300, 1, null)).toBe(true);
      await authenticators.resetFuture(ACCOUNT.id, { ...AHEAD, from: 1_290 });
      expect(await steps()).toEqual([[1_000, 1_290, 1_500]]);
      expect(await authenticators.spendStep("a", 1_600, 1, null)).toBe(true);
      await authenticators.resetFuture(ACCOUNT.id, { latest: 1_550, followsDrift: false, from: 1_580 });
      expect(await steps()).toEqual([[1_550, 1_580, 1_600]]);
    });

    it("judges by each authenticator's own clock when its drift is followed", async () => {
      const { authenticators } = store;
      const drifts: [number | null, number][] = [
        [null, 0],
        [-600, -20],
        [-15, 0],
        [-16, -1],
        [14, 0],
        [15, 1],
        [600, 20],
      ];
      for (const [n, [driftSeconds, moved]] of drifts.entries()) {
        for (const [m, beyond] of [0, 1].entries()) {
          const lastStep = 1_000 + moved + beyond;
          await authenticators.add(authenticator(`${n} ${m}`, { driftSeconds, lastStep }));
        }
      }
      const follows = { latest: 1_000, followsDrift: true };
      const found = await authenticators.countFuture(follows, 9);
      expect(found).toEqual({ authenticators: drifts.length, usernames: [ACCOUNT.username] });
      expect(await authenticators.resetFuture(ACCOUNT.id, { ...follows, from: undefined })).toBe(
        drifts.length,
      );
      expect((await steps()).map(([last]) => last)).toEqual(
        drifts.flatMap(([, moved]) => [1_000 + moved, 1_000 + moved]),
      );
    });

    it("counts them, and names the first few of their accounts", async () => {
      const { accounts, authenticators } = store;
      expect(await authenticators.countFuture(AHEAD, 9)).toEqual({ authenticators: 0, usernames: [] });
      for (const name of ["dora", "bob", "carol"]) {
        await accounts.add({ ...ACCOUNT, id: name, username: name });
        for (const n of [1, 2])
          await authenticators.add(authenticator(`${name} ${n}`, { accountId: name, lastStep: 2_000 + n }));
      }
      await authenticators.add(authenticator("alice's"));
      expect(await authenticators.countFuture(AHEAD, 2)).toEqual({
        authenticators: 6,
        usernames: ["bob", "carol"],
      });
    });
  });
}
