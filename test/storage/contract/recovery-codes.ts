/** Recovery codes in any store: each is used once, and only the newest sheet counts. */
import { beforeEach, describe, expect, it } from "vitest";
import { race, store } from "./opened.js";
import { BOB, CODES, SHEET } from "./rows.js";

export function recoveryCodesContract(): void {
  describe("recovery codes", () => {
    beforeEach(() => store.accounts.add(BOB));

    it("numbers sheets, each number once for an account", async () => {
      await store.recoveryCodes.addSheet(SHEET, CODES);
      await expect(store.recoveryCodes.addSheet(SHEET, ["another"])).rejects.toThrow();
      expect(await store.recoveryCodes.sheetOf("account")).toEqual({ ...SHEET, left: CODES.length });
      await store.recoveryCodes.addSheet({ ...SHEET, accountId: "bob" }, ["bob's"]);
      expect(await store.recoveryCodes.sheetOf("bob")).toMatchObject({ left: 1 });
    });

    it("finds a code and its position, for its own account only", async () => {
      await store.recoveryCodes.addSheet(SHEET, CODES);
      const unspent = { usedAt: null, endedAt: null };
      expect(await store.recoveryCodes.find("account", "code 1")).toEqual({
        sheet: 1,
        position: 1,
        ...unspent,
      });
      expect(await store.recoveryCodes.find("account", "code 3")).toEqual({
        sheet: 1,
        position: 3,
        ...unspent,
      });
      expect(await store.recoveryCodes.find("bob", "code 1")).toBeUndefined();
      expect(await store.recoveryCodes.find("account", "code 4")).toBeUndefined();
    });

    it("accepts a code once when fifty use it at the same time", async () => {
      await store.recoveryCodes.addSheet(SHEET, CODES);
      expect(await race((i) => store.recoveryCodes.use("account", "code 2", 2_000 + i))).toBe(1);
      expect((await store.recoveryCodes.find("account", "code 2"))?.usedAt).toBeGreaterThanOrEqual(2_000);
      expect(await store.recoveryCodes.sheetOf("account")).toMatchObject({ left: 2 });
    });

    it("tells which code was used, and refuses another account's codes", async () => {
      await store.recoveryCodes.addSheet(SHEET, CODES);
      expect(await store.recoveryCodes.use("bob", "code 2", 2_000)).toBeUndefined();
      expect(await store.recoveryCodes.use("account", "code 4", 2_000)).toBeUndefined();
      expect(await store.recoveryCodes.use("account", "code 2", 2_000)).toEqual({
        sheet: 1,
        position: 2,
        usedAt: 2_000,
        endedAt: null,
      });
    });

    it("refuses codes that were revoked, and revokes them once", async () => {
      await store.recoveryCodes.addSheet(SHEET, CODES);
      await store.recoveryCodes.addSheet({ ...SHEET, accountId: "bob" }, ["bob's"]);
      await store.recoveryCodes.endAll("account", 2_000);
      await store.recoveryCodes.endAll("account", 3_000);
      expect(await store.recoveryCodes.use("account", "code 1", 4_000)).toBeUndefined();
      expect(await store.recoveryCodes.find("account", "code 1")).toMatchObject({
        usedAt: null,
        endedAt: 2_000,
      });
      expect(await store.recoveryCodes.sheetOf("account")).toMatchObject({ left: 0 });
      expect(await store.recoveryCodes.sheetOf("bob")).toMatchObject({ left: 1 });
    });

    it("finds the newest sheet, and forgets older ones when asked to", async () => {
      expect(await store.recoveryCodes.sheetOf("account")).toBeUndefined();
      const third = { ...SHEET, number: 3, createdAt: 3_000 };
      await store.recoveryCodes.addSheet(SHEET, ["1"]);
      await store.recoveryCodes.addSheet({ ...SHEET, number: 2, createdAt: 2_000 }, ["2"]);
      await store.recoveryCodes.addSheet(third, ["3 a", "3 b"]);
      await store.recoveryCodes.addSheet({ ...SHEET, accountId: "bob" }, ["bob's"]);
      expect(await store.recoveryCodes.sheetOf("account")).toEqual({ ...third, left: 2 });
      await store.recoveryCodes.forgetBefore("account", 2);
      expect(await store.recoveryCodes.find("account", "1")).toBeUndefined();
      expect(await store.recoveryCodes.find("account", "2")).toMatchObject({ sheet: 2 });
      expect(await store.recoveryCodes.find("account", "3 a")).toMatchObject({ sheet: 3 });
      expect(await store.recoveryCodes.find("bob", "bob's")).toBeDefined();
    });

    it("remembers when a sheet was first checked", async () => {
      await store.recoveryCodes.addSheet(SHEET, CODES);
      await store.recoveryCodes.addSheet({ ...SHEET, number: 2 }, ["2"]);
      await store.recoveryCodes.prove("account", 1, 1_500);
      expect(await store.recoveryCodes.sheetOf("account")).toMatchObject({ number: 2, provedAt: null });
      expect(await store.recoveryCodes.prove("account", 2, 2_000)).toBe(true);
      expect(await store.recoveryCodes.prove("account", 2, 3_000)).toBe(false);
      expect(await store.recoveryCodes.sheetOf("account")).toMatchObject({ number: 2, provedAt: 2_000 });
    });
  });
}
