/** Accounts as a host app sees them, in any store: its own ids, attributes, pages, and names that only one account can have. */
import { describe, expect, it } from "vitest";
import { store } from "./opened.js";
import { ACCOUNT, BOB } from "./rows.js";

export function accountChangesContract(): void {
  describe("accounts of a host app", () => {
    it("finds an account by the host's id", async () => {
      const hosted = {
        ...BOB,
        externalId: "42",
        email: "bob@example.org",
        emailConfirmed: true,
        name: "Bob",
      };
      expect(await store.accounts.add({ ...hosted, groups: ["staff", "Domain Users"] })).toBe(true);
      expect(await store.accounts.byExternalId("42")).toEqual({
        ...hosted,
        groups: ["staff", "Domain Users"],
      });
      expect(await store.accounts.byExternalId("bob")).toBeUndefined();
    });

    it("refuses a second account with the host's id", async () => {
      await store.accounts.add({ ...BOB, externalId: "42" });
      const carol = { ...BOB, id: "carol", username: "carol", externalId: "42" };
      expect(await store.accounts.add(carol)).toBe(false);
      expect(await store.accounts.byId("carol")).toBeUndefined();
    });

    it("changes what is given and nothing else", async () => {
      expect(await store.accounts.update("account", { name: "Alice", groups: ["staff"] })).toBe(true);
      expect(await store.accounts.update("account", { email: "a@example.org", externalId: "7" })).toBe(true);
      expect(await store.accounts.update("account", {})).toBe(true);
      expect(await store.accounts.byId("account")).toEqual({
        ...ACCOUNT,
        ...{ name: "Alice", groups: ["staff"], email: "a@example.org", externalId: "7" },
      });
      await store.accounts.update("account", { name: null, groups: [], email: null, externalId: null });
      expect(await store.accounts.byId("account")).toEqual(ACCOUNT);
      expect(await store.accounts.update("nobody", { name: "N" })).toBe(false);
    });

    it("refuses a name and a host's id that another account has, and takes its own again", async () => {
      await store.accounts.add({ ...BOB, externalId: "42" });
      expect(await store.accounts.update("account", { username: "bob", name: "A" })).toBe(false);
      expect(await store.accounts.update("account", { externalId: "42" })).toBe(false);
      expect(await store.accounts.byId("account")).toEqual(ACCOUNT);
      expect(await store.accounts.update("bob", { username: "bob", externalId: "42" })).toBe(true);
    });

    it("gives a name to one of two accounts that ask at the same time", async () => {
      await store.accounts.add(BOB);
      const asked = ["account", "bob"].map((id) =>
        store.transaction(async (tx) => {
          await tx.accounts.lockRow(id);
          return tx.accounts.update(id, { username: "carol" });
        }),
      );
      expect((await Promise.all(asked)).filter(Boolean)).toHaveLength(1);
    });

    it("lists pages by id, each after the last of the one before", async () => {
      await store.accounts.add(BOB);
      await store.accounts.add({ ...BOB, id: "carol", username: "carol" });
      const ids = async (limit: number, after?: string) =>
        (await store.accounts.page(limit, after)).map(({ id }) => id);
      expect(await ids(2)).toEqual(["account", "bob"]);
      expect(await ids(2, "bob")).toEqual(["carol"]);
      expect(await ids(2, "carol")).toEqual([]);
      expect(await store.accounts.summary("bob")).toMatchObject({ ...BOB, authenticators: 0, failures: 0 });
      expect(await store.accounts.summary("nobody")).toBeUndefined();
    });

    it("remembers that a new second factor needs a link", async () => {
      await store.accounts.setNeedsLink("account", true);
      expect(await store.accounts.byId("account")).toEqual({ ...ACCOUNT, needsLink: true });
      await store.accounts.setNeedsLink("account", false);
      expect(await store.accounts.byId("account")).toEqual(ACCOUNT);
    });
  });
}
