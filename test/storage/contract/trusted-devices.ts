/** Trusted devices in any store: used, listed, forgotten, pruned. */
import { beforeEach, describe, expect, it } from "vitest";
import { race, store } from "./opened.js";
import { BOB, DEVICE } from "./rows.js";

export function trustedDevicesContract(): void {
  describe("trusted devices", () => {
    beforeEach(async () => {
      await store.accounts.add(BOB);
      await store.trustedDevices.add(DEVICE);
    });

    it("accepts a token for its own account until it expires", async () => {
      expect(await store.trustedDevices.use("bob", ["token"], 2_000)).toBe(false);
      expect(await store.trustedDevices.use("account", ["another"], 2_000)).toBe(false);
      expect(await store.trustedDevices.use("account", ["token"], 4_999)).toBe(true);
      expect(await store.trustedDevices.of("account", 4_999, 10)).toEqual([{ ...DEVICE, lastUsedAt: 4_999 }]);
      expect(await store.trustedDevices.use("account", ["token"], 5_000)).toBe(false);
    });

    it("lists devices until they expire, newest first", async () => {
      const newer = { ...DEVICE, id: "a", tokenHash: "a", createdAt: 2_000, expiresAt: 6_000 };
      await store.trustedDevices.add(newer);
      await store.trustedDevices.add({ ...DEVICE, id: "b", tokenHash: "b", accountId: "bob" });
      expect(await store.trustedDevices.of("account", 3_000, 10)).toEqual([newer, DEVICE]);
      expect(await store.trustedDevices.of("account", 5_000, 10)).toEqual([newer]);
    });

    it("forgets a device once, for its own account only", async () => {
      expect(await store.trustedDevices.forget("bob", "device")).toBe(false);
      expect(await race(() => store.trustedDevices.forget("account", "device"))).toBe(1);
      expect(await store.trustedDevices.use("account", ["token"], 2_000)).toBe(false);
    });

    it("forgets a device by its token", async () => {
      await store.trustedDevices.forgetToken("bob", ["token"]);
      await store.trustedDevices.forgetToken("account", ["another"]);
      expect(await store.trustedDevices.of("account", 2_000, 10)).toEqual([DEVICE]);
      await store.trustedDevices.forgetToken("account", ["token"]);
      expect(await store.trustedDevices.of("account", 2_000, 10)).toEqual([]);
    });

    it("forgets all devices of one account only", async () => {
      const bobs = { ...DEVICE, id: "bobs", tokenHash: "bobs", accountId: "bob" };
      await store.trustedDevices.add({ ...DEVICE, id: "second", tokenHash: "second" });
      await store.trustedDevices.add(bobs);
      await store.trustedDevices.forgetAll("account");
      expect(await store.trustedDevices.of("account", 2_000, 10)).toEqual([]);
      expect(await store.trustedDevices.of("bob", 2_000, 10)).toEqual([bobs]);
    });

    it("prunes expired devices in batches", async () => {
      for (const id of ["a", "b"]) await store.trustedDevices.add({ ...DEVICE, id, tokenHash: id });
      await store.trustedDevices.add({ ...DEVICE, id: "live", tokenHash: "live", expiresAt: 9_000 });
      expect(await store.trustedDevices.prune(4_999, 2)).toBe(0);
      expect(await store.trustedDevices.prune(5_000, 2)).toBe(2);
      expect(await store.trustedDevices.prune(5_000, 2)).toBe(1);
      expect(await store.trustedDevices.use("account", ["live"], 5_000)).toBe(true);
    });
  });
}
