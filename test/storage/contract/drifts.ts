/** Clock drifts in any store: each account counts once in a window. auth/clock/ judges the server's clock by them. */
import { describe, expect, it } from "vitest";
import { store } from "./opened.js";
import { ACCOUNT } from "./rows.js";

export function driftsContract(): void {
  describe("clock drifts", () => {
    it("counts each account once in a window", async () => {
      const { accounts, drifts } = store;
      await accounts.add({ ...ACCOUNT, id: "bob", username: "bob" });
      expect(await drifts.note(ACCOUNT.id, 7, -2)).toBe(true);
      expect(await drifts.note(ACCOUNT.id, 7, -2)).toBe(false);
      expect(await drifts.note(ACCOUNT.id, 7, 100)).toBe(false);
      expect(await drifts.note("bob", 7, -2)).toBe(true);
      expect(await drifts.since(7)).toEqual([{ window: 7, bin: -2, accounts: 2 }]);
    });

    it("counts an account again in another window, also when the time was set back", async () => {
      const { drifts } = store;
      for (const window of [7, 8, 3]) expect(await drifts.note(ACCOUNT.id, window, 0)).toBe(true);
      expect(await drifts.since(0)).toEqual([
        { window: 3, bin: 0, accounts: 1 },
        { window: 7, bin: 0, accounts: 1 },
        { window: 8, bin: 0, accounts: 1 },
      ]);
      expect(await drifts.since(8)).toEqual([{ window: 8, bin: 0, accounts: 1 }]);
    });

    it("counts exactly when many are noted at the same time", async () => {
      const { accounts, drifts } = store;
      const ids = Array.from({ length: 10 }, (_, n) => `racer ${n}`);
      for (const id of ids) await accounts.add({ ...ACCOUNT, id, username: id });
      const answers = await Promise.all([...ids, ...ids, ...ids].map((id, n) => drifts.note(id, 7, n % 2)));
      expect(answers.filter(Boolean)).toHaveLength(10);
      const bins = await drifts.since(7);
      expect(bins.reduce((sum, bin) => sum + bin.accounts, 0)).toBe(10);
    });

    it("ignores unknown accounts, and keeps counts of removed ones", async () => {
      const { accounts, drifts } = store;
      expect(await drifts.note("nobody", 7, 0)).toBe(false);
      expect(await drifts.since(0)).toEqual([]);
      await drifts.note(ACCOUNT.id, 7, 0);
      await accounts.remove(ACCOUNT.id);
      expect(await drifts.since(0)).toEqual([{ window: 7, bin: 0, accounts: 1 }]);
    });

    it("keeps the windows that are asked for when it prunes", async () => {
      const { drifts } = store;
      for (const window of [1, 2, 3, 4]) await drifts.note(ACCOUNT.id, window, window);
      await drifts.prune(2, 3);
      expect((await drifts.since(0)).map(({ window }) => window)).toEqual([2, 3]);
    });
  });
}
