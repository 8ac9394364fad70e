/** Transactions in any store: all or nothing, and one at a time for each account. */
import { describe, expect, it } from "vitest";
import { store } from "./opened.js";
import { RULE } from "./rows.js";

export function transactionsContract(): void {
  describe("transactions", () => {
    it("undoes everything when one fails", async () => {
      const failing = store.transaction(async (tx) => {
        await tx.throttle.count("second-factor", RULE, 1_000, "account");
        throw new Error("changed my mind");
      });
      await expect(failing).rejects.toThrow("changed my mind");
      expect(await store.throttle.secondFactorFailures("account")).toBe(0);
    });

    it("runs one after the other when they lock the same account", async () => {
      await Promise.all(
        Array.from({ length: 20 }, () =>
          store.transaction(async (tx) => {
            await tx.accounts.lockRow("account");
            const standing = await tx.throttle.secondFactorFailures("account");
            await tx.throttle.count(`second-factor ${standing}`, RULE, 1_000, "account");
          }),
        ),
      );
      expect(await store.throttle.secondFactorFailures("account")).toBe(20);
    });
  });
}
