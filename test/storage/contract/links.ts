/** One-time links in any store: used once, ended, listed with their account, trimmed, pruned. */
import { beforeEach, describe, expect, it } from "vitest";
import { race, store } from "./opened.js";
import { BOB, LINK } from "./rows.js";

const HASHES = ["newest", LINK.tokenHash] as const;

export function linksContract(): void {
  describe("one-time links", () => {
    beforeEach(async () => {
      await store.accounts.add(BOB);
      await store.links.add(LINK);
    });

    it("finds a link by any of its token's hashes", async () => {
      expect(await store.links.find(HASHES)).toEqual(LINK);
      expect(await store.links.find(["another"])).toBeUndefined();
    });

    it("is used once, by its own account, until it expires", async () => {
      expect(await store.links.use("bob", HASHES, 2_000)).toBe(false);
      expect(await store.links.use("account", ["another"], 2_000)).toBe(false);
      expect(await store.links.use("account", HASHES, 5_000)).toBe(false);
      expect(await race(() => store.links.use("account", HASHES, 4_999))).toBe(1);
      expect(await store.links.find(HASHES)).toEqual({ ...LINK, usedAt: 4_999, endedAt: 4_999 });
    });

    it("ends the open links of one account only, for good", async () => {
      await store.links.add({ ...LINK, tokenHash: "bobs", accountId: "bob" });
      await store.links.endAll("account", 2_000);
      await store.links.endAll("account", 3_000);
      expect(await store.links.find(HASHES)).toEqual({ ...LINK, endedAt: 2_000 });
      expect(await store.links.use("account", HASHES, 2_000)).toBe(false);
      expect(await store.links.use("bob", ["bobs"], 2_000)).toBe(true);
    });

    it("trims an account's links to the newest", async () => {
      for (const [tokenHash, createdAt] of [
        ["newer", 2_000],
        ["newest", 3_000],
      ] as const)
        await store.links.add({ ...LINK, tokenHash, createdAt });
      await store.links.add({ ...LINK, tokenHash: "bobs", accountId: "bob" });
      await store.links.trim("account", 2, 10);
      expect(await store.links.find([LINK.tokenHash])).toBeUndefined();
      for (const kept of ["newer", "newest", "bobs"]) expect(await store.links.find([kept])).toBeDefined();
    });

    it("prunes what was used or ended, in batches; keeps what is open or has expired", async () => {
      for (const tokenHash of ["a", "b", "c"]) await store.links.add({ ...LINK, tokenHash });
      await store.links.use("account", ["a"], 2_000);
      await store.links.endAll("account", 3_000);
      await store.links.add({ ...LINK, tokenHash: "open" });
      expect(await store.links.prune(2_000, 10)).toBe(1);
      expect(await store.links.prune(9_000, 2)).toBe(2);
      expect(await store.links.prune(9_000, 2)).toBe(1);
      expect(await store.links.find(["open"])).toBeDefined();
    });

    it("removes an account's links with the account", async () => {
      await store.accounts.remove("account");
      expect(await store.links.find(HASHES)).toBeUndefined();
    });

    it("tells until when an account is invited: by its open or expired invitation alone", async () => {
      const invited = async () => (await store.accounts.summary("account"))?.invitationExpiresAt;
      expect(await invited()).toBe(5_000);
      await store.links.endAll("account", 2_000);
      expect(await invited()).toBeNull();
      await store.links.add({ ...LINK, tokenHash: "for a password", kind: "password" });
      expect(await invited()).toBeNull();
    });
  });
}
