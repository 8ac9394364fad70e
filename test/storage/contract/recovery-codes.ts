/** Recovery codes in any store: each is used once, and only the newest sheet counts. */
import { beforeEach, describe, expect, it } from "vitest";
import { race, store } from "./opened.js";
import { BOB, CODES, SHEET, sessionRow } from "./rows.js";

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

    it("keeps sealed codes in a live session, the newest alone", async () => {
      await store.sessions.open(sessionRow());
      await store.sessions.open(sessionRow({ idHash: "ended", endedAt: 1_500 }));
      await store.recoveryCodes.show("session", { sealed: "older", until: 2_000 });
      for (const id of ["session", "ended", "nobody"]) await store.recoveryCodes.show(id, SHOWN);
      expect(await codesIn("session")).toEqual(SHOWN);
      expect(await codesIn("ended")).toBeNull();
    });

    it("removes sealed codes from a session that ends, however it ends", async () => {
      const endings = {
        ends: () => store.sessions.end("ends", 2_000),
        revoked: () => store.sessions.revokeFamily("account", "revoked", 2_000),
        "revoked with all": () => store.sessions.revokeAllExcept("account", 2_000, "kept"),
      };
      for (const id of [...Object.keys(endings), "kept"]) {
        await store.sessions.open(sessionRow({ idHash: id, family: id }));
        await store.recoveryCodes.show(id, SHOWN);
      }
      for (const [id, end] of Object.entries(endings)) {
        await end();
        expect(await codesIn(id), id).toBeNull();
      }
      expect(await codesIn("kept")).toEqual(SHOWN);
    });

    it("removes the sealed codes of one sign-in, or of all sessions of the account", async () => {
      await store.sessions.open(sessionRow({ idHash: "bobs", accountId: "bob" }));
      for (const id of ["one", "two", "three"])
        await store.sessions.open(sessionRow({ idHash: id, family: id }));
      for (const id of ["one", "two", "three", "bobs"]) await store.recoveryCodes.show(id, SHOWN);
      await store.recoveryCodes.hide("account", "one");
      const all = async () => Promise.all(["one", "two", "three", "bobs"].map(codesIn));
      expect(await all()).toEqual([null, SHOWN, SHOWN, SHOWN]);
      await store.recoveryCodes.hide("account");
      expect(await all()).toEqual([null, null, null, SHOWN]);
    });

    it("prunes sealed codes in batches once their time is over", async () => {
      for (const [n, until] of [2_000, 2_001, 2_002, 2_003].entries()) {
        await store.sessions.open(sessionRow({ idHash: `session ${n}` }));
        await store.recoveryCodes.show(`session ${n}`, { sealed: "keyname1.sealed", until });
      }
      expect(await store.recoveryCodes.pruneShown(2_002, 2)).toBe(2);
      expect(await store.recoveryCodes.pruneShown(2_002, 2)).toBe(1);
      expect(await store.recoveryCodes.pruneShown(2_002, 2)).toBe(0);
      expect(await codesIn("session 3")).not.toBeNull();
      expect((await store.sessions.find("session 0"))?.endedAt).toBeNull();
    });

    it("lists sealed codes by the key that sealed them, and replaces them", async () => {
      for (const id of ["a", "b", "plain"]) await store.sessions.open(sessionRow({ idHash: id }));
      for (const id of ["a", "b"]) await store.recoveryCodes.show(id, SHOWN);
      const kind = "recovery-codes";
      expect(await store.sealed.keyNames(kind)).toEqual(["keyname1"]);
      expect(await store.sealed.countBy("keyname1", kind)).toBe(2);
      const found = await store.sealed.notBy("keyname2", kind, 10);
      expect(found.map(({ id, accountId }) => [id, accountId])).toEqual([
        ["a", "account"],
        ["b", "account"],
      ]);
      expect(await store.sealed.notBy("keyname1", kind, 10)).toEqual([]);
      const [first] = found;
      if (!first) throw new Error("Nothing was found.");
      expect(await store.sealed.replace(first, "keyname2.sealed")).toBe(true);
      expect(await store.sealed.replace(first, "keyname2.again")).toBe(false);
      expect(await codesIn("a")).toEqual({ ...SHOWN, sealed: "keyname2.sealed" });
    });
  });
}

const SHOWN = { sealed: "keyname1.sealed", until: 3_000 };

const codesIn = async (idHash: string) => (await store.sessions.find(idHash))?.codes;
