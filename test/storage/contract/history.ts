/** An account's history in any store: appended, read in pages, counted, pruned. */
import { describe, expect, it } from "vitest";
import { store } from "./opened.js";
import { BOB, LINE } from "./rows.js";

export function historyContract(): void {
  describe("history", () => {
    const ids = async (limit: number, offset: number) =>
      (await store.history.of("account", limit, offset)).map((line) => line.id);

    it("returns what was written, to its own account only", async () => {
      await store.accounts.add(BOB);
      const line = { ...LINE, reason: "wrong", subject: "Pixel 9", byKind: "operator", byName: "olga" };
      await store.history.add(line);
      await store.history.add({ ...LINE, id: "bobs", accountId: "bob" });
      expect(await store.history.of("account", 10, 0)).toEqual([line]);
      expect(await store.history.of("bob", 10, 0)).toEqual([{ ...LINE, id: "bobs", accountId: "bob" }]);
    });

    it("stores nothing for a name without an account", async () => {
      const { accountId: _none, ...line } = LINE;
      await store.history.addAndRemove(line);
      expect(await store.history.of("account", 10, 0)).toEqual([]);
      expect(await store.history.prune(9_000, 10)).toBe(0);
    });

    it("returns pages, newest first", async () => {
      for (const at of [1, 3, 2, 5, 4]) await store.history.add({ ...LINE, id: `at ${at}`, at });
      expect(await ids(2, 0)).toEqual(["at 5", "at 4"]);
      expect(await ids(2, 2)).toEqual(["at 3", "at 2"]);
      expect(await ids(2, 4)).toEqual(["at 1"]);
      expect(await ids(2, 6)).toEqual([]);
    });

    it("returns pages of some types, newest first", async () => {
      await store.accounts.add(BOB);
      for (const [at, type] of ["a", "b", "a", "c", "b"].entries())
        await store.history.add({ ...LINE, id: `${type} ${at}`, at, type });
      await store.history.add({ ...LINE, id: "bobs", type: "a", accountId: "bob" });
      const some = async (limit: number, offset: number, types: string[]) =>
        (await store.history.of("account", limit, offset, types)).map((line) => line.id);
      expect(await some(10, 0, ["a", "b"])).toEqual(["b 4", "a 2", "b 1", "a 0"]);
      expect(await some(2, 1, ["a", "b"])).toEqual(["a 2", "b 1"]);
      expect(await some(10, 0, ["none"])).toEqual([]);
    });

    it("keeps the order of lines that one transaction writes in the same millisecond", async () => {
      await store.transaction(async (tx) => {
        for (const id of ["b", "c", "a"]) await tx.history.add({ ...LINE, id });
      });
      expect(await ids(10, 0)).toEqual(["a", "c", "b"]);
    });

    it("counts lines by type since a given moment", async () => {
      await store.accounts.add(BOB);
      const lines = [
        { id: "1", at: 1_000, type: "code-refused" },
        { id: "2", at: 1_001, type: "code-refused" },
        { id: "3", at: 1_002, type: "password-refused" },
        { id: "4", at: 1_003, type: "signed-in" },
        { id: "5", at: 1_004, type: "code-refused", accountId: "bob" },
      ];
      for (const line of lines) await store.history.add({ ...LINE, ...line });
      const refusals = ["code-refused", "password-refused"];
      const countSince = async (types: string[], after: number) =>
        Object.fromEntries(await store.history.countSince("account", types, after));
      expect(await countSince(refusals, 1_000)).toEqual({ "code-refused": 1, "password-refused": 1 });
      expect(await countSince(refusals, 1_002)).toEqual({});
      expect(await countSince(["signed-in"], 0)).toEqual({ "signed-in": 1 });
    });

    it("prunes old lines in batches", async () => {
      for (const at of [1, 2, 3, 4]) await store.history.add({ ...LINE, id: `at ${at}`, at });
      expect(await store.history.prune(4, 2)).toBe(2);
      expect(await store.history.prune(4, 2)).toBe(1);
      expect(await store.history.prune(4, 2)).toBe(0);
      expect(await ids(10, 0)).toEqual(["at 4"]);
    });
  });
}
