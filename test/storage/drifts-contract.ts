/** What auth/clock/server-clock.ts relies on, asked of any storage as part of the contract. */
import { describe, expect, it } from "vitest";
import type { Account, Store } from "../../src/auth/store.js";

/** @param opened the storage of the running test, in which `account` is the only one */
export function driftsContract(opened: () => Store, account: Account): void {
  describe("clock drifts", () => {
    it("count each account once in a window, wherever it is", async () => {
      const { accounts, drifts } = opened();
      await accounts.add({ ...account, id: "bob", username: "bob" });
      expect(await drifts.note(account.id, 7, -2)).toBe(true);
      expect(await drifts.note(account.id, 7, -2)).toBe(false);
      expect(await drifts.note(account.id, 7, 100)).toBe(false);
      expect(await drifts.note("bob", 7, -2)).toBe(true);
      expect(await drifts.since(7)).toEqual([{ window: 7, bin: -2, accounts: 2 }]);
    });

    it("count it again in the next one, and again where the time was set back", async () => {
      const { drifts } = opened();
      for (const window of [7, 8, 3]) expect(await drifts.note(account.id, window, 0)).toBe(true);
      expect(await drifts.since(0)).toEqual([
        { window: 3, bin: 0, accounts: 1 },
        { window: 7, bin: 0, accounts: 1 },
        { window: 8, bin: 0, accounts: 1 },
      ]);
      expect(await drifts.since(8)).toEqual([{ window: 8, bin: 0, accounts: 1 }]);
    });

    it("count exactly when many are noted at once", async () => {
      const { accounts, drifts } = opened();
      const ids = Array.from({ length: 10 }, (_, n) => `racer ${n}`);
      for (const id of ids) await accounts.add({ ...account, id, username: id });
      const answers = await Promise.all([...ids, ...ids, ...ids].map((id, n) => drifts.note(id, 7, n % 2)));
      expect(answers.filter(Boolean)).toHaveLength(10);
      const bins = await drifts.since(7);
      expect(bins.reduce((sum, bin) => sum + bin.accounts, 0)).toBe(10);
    });

    it("know nothing of accounts that are gone", async () => {
      const { accounts, drifts } = opened();
      expect(await drifts.note("nobody", 7, 0)).toBe(false);
      expect(await drifts.since(0)).toEqual([]);
      await drifts.note(account.id, 7, 0);
      await accounts.remove(account.id);
      expect(await drifts.since(0)).toEqual([{ window: 7, bin: 0, accounts: 1 }]);
    });

    it("keep the windows that are asked for, and no others", async () => {
      const { drifts } = opened();
      for (const window of [1, 2, 3, 4]) await drifts.note(account.id, window, window);
      await drifts.prune(2, 3);
      expect((await drifts.since(0)).map(({ window }) => window)).toEqual([2, 3]);
    });
  });
}
