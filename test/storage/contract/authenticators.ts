/** Authenticators in any store: each time step is accepted once; changes reach only their own account. */
import { beforeEach, describe, expect, it } from "vitest";
import { race, store } from "./opened.js";
import { AUTHENTICATOR, BOB } from "./rows.js";

export function authenticatorsContract(): void {
  describe("authenticators", () => {
    beforeEach(() => store.authenticators.add(AUTHENTICATOR));

    it("lists an account's authenticators, and the names of the keys in use", async () => {
      expect(await store.authenticators.of("account")).toEqual([AUTHENTICATOR]);
      expect(await store.authenticators.of("other")).toEqual([]);
      expect(await store.sealed.keyNames("authenticator")).toEqual(["keyname1"]);
      const names = ["keyname2", "keyname1", "a-key-in", "keyname2", "ZZZZZZZZ"];
      for (const [n, name] of names.entries()) {
        const sealedSecret = `${name}.secret ${n}`;
        await store.authenticators.add({ ...AUTHENTICATOR, id: `another ${n}`, sealedSecret });
      }
      const told = await store.sealed.keyNames("authenticator");
      expect(told.sort()).toEqual(["ZZZZZZZZ", "a-key-in", "keyname1", "keyname2"]);
      expect(await store.sealed.keyNames("enrolment")).toEqual([]);
    });

    it("accepts a time step once, and no older one after it", async () => {
      expect(await race(() => store.authenticators.spendStep("authenticator", 101, 9, null))).toBe(1);
      expect(await store.authenticators.spendStep("authenticator", 100, 9, null)).toBe(false);
      expect(await store.authenticators.spendStep("authenticator", 102, 9, -150)).toBe(true);
      expect(await store.authenticators.of("account")).toMatchObject([{ lastStep: 102, driftSeconds: -150 }]);
    });

    it("spends the steps of one authenticator only", async () => {
      const other = { ...AUTHENTICATOR, id: "other", number: 2 };
      await store.authenticators.add(other);
      expect(await store.authenticators.spendStep("authenticator", 101, 9, null)).toBe(true);
      expect(await store.authenticators.spendPair("authenticator", 102, 9, 0)).toBe(true);
      expect((await store.authenticators.of("account"))[1]).toEqual(other);
    });

    it("accepts two steps in a row once, when the first is still unspent", async () => {
      const { authenticators } = store;
      expect(await authenticators.spendPair("authenticator", 100, 9, 30)).toBe(false);
      expect(await race(() => authenticators.spendPair("authenticator", 101, 9, 30))).toBe(1);
      expect(await authenticators.of("account")).toMatchObject([{ lastStep: 102, driftSeconds: 30 }]);
      expect(await authenticators.spendPair("authenticator", 102, 9, 30)).toBe(false);
      expect(await authenticators.spendStep("authenticator", 102, 9, 30)).toBe(false);
    });

    it("lists authenticators in the order in which they were set up", async () => {
      await store.authenticators.add({ ...AUTHENTICATOR, id: "a", number: 3, createdAt: 3 });
      await store.authenticators.add({ ...AUTHENTICATOR, id: "b", number: 2, createdAt: 3 });
      const listed = await store.authenticators.of("account");
      expect(listed.map((one) => one.number)).toEqual([1, 2, 3]);
    });

    it("renames an authenticator for its own account only", async () => {
      await store.accounts.add(BOB);
      expect(await store.authenticators.rename("bob", "authenticator", "Mine")).toBe(false);
      expect(await store.authenticators.rename("account", "other", "Mine")).toBe(false);
      expect(await store.authenticators.rename("account", "authenticator", "Work")).toBe(true);
      expect(await store.authenticators.of("account")).toEqual([{ ...AUTHENTICATOR, name: "Work" }]);
    });

    it("removes an authenticator once, for its own account only", async () => {
      await store.accounts.add(BOB);
      expect(await store.authenticators.remove("bob", "authenticator")).toBe(false);
      expect(await race(() => store.authenticators.remove("account", "authenticator"))).toBe(1);
      expect(await store.authenticators.of("account")).toEqual([]);
    });

    it("removes all authenticators of one account only", async () => {
      await store.accounts.add(BOB);
      const bobs = { ...AUTHENTICATOR, id: "bobs", accountId: "bob" };
      await store.authenticators.add({ ...AUTHENTICATOR, id: "second", number: 2 });
      await store.authenticators.add(bobs);
      await store.authenticators.removeAll("account");
      expect(await store.authenticators.of("account")).toEqual([]);
      expect(await store.authenticators.of("bob")).toEqual([bobs]);
    });
  });
}
