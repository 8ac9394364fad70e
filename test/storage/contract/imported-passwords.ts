/** Password hashes that other systems made, in any store: which is the dearest, and how one is replaced. */
import { describe, expect, it } from "vitest";
import { store } from "./opened.js";
import { ACCOUNT, BOB } from "./rows.js";

const OWN = "$argon2id$v=19$m=19456,t=2,p=1$";

export function importedPasswordsContract(): void {
  describe("imported passwords", () => {
    it("have a dearest one as long as there is any", async () => {
      expect(await store.accounts.dearestForeign(OWN)).toBeUndefined();
      await store.accounts.add({ ...BOB, passwordHash: "$2b$12$bob" }, 200);
      const carol = { ...BOB, id: "carol", username: "carol", passwordHash: "$2b$10$carol" };
      await store.accounts.add(carol, 50);
      expect(await store.accounts.dearestForeign(OWN)).toBe(200);
      await store.accounts.rehash(BOB.id, "$2b$12$bob", `${OWN}bob`);
      expect(await store.accounts.dearestForeign(OWN)).toBe(50);
      await store.accounts.setPassword("carol", `${OWN}carol`);
      expect(await store.accounts.dearestForeign(OWN)).toBeUndefined();
    });

    it("do not count where the hash is our own by now, whatever the row says", async () => {
      await store.accounts.add({ ...BOB, passwordHash: `${OWN}salt$key` }, 200);
      expect(await store.accounts.dearestForeign(OWN)).toBeUndefined();
    });

    it("are replaced once, by one of several", async () => {
      await store.accounts.add({ ...BOB, passwordHash: "$2b$12$bob" }, 200);
      const hashes = Array.from({ length: 5 }, (_, n) => `${OWN}${n}`);
      const replaced = await Promise.all(
        hashes.map((hash) => store.accounts.rehash(BOB.id, "$2b$12$bob", hash)),
      );
      expect(replaced.filter(Boolean)).toHaveLength(1);
      expect((await store.accounts.byId(BOB.id))?.passwordHash).toBe(hashes[replaced.indexOf(true)]);
      expect((await store.accounts.byId(ACCOUNT.id))?.passwordHash).toBe(ACCOUNT.passwordHash);
    });

    it("are not replaced when the password was changed meanwhile, or the account removed", async () => {
      await store.accounts.add({ ...BOB, passwordHash: "$2b$12$bob" }, 200);
      await store.accounts.setPassword(BOB.id, `${OWN}new`);
      expect(await store.accounts.rehash(BOB.id, "$2b$12$bob", `${OWN}old`)).toBe(false);
      expect((await store.accounts.byId(BOB.id))?.passwordHash).toBe(`${OWN}new`);
      expect(await store.accounts.rehash("nobody", "$2b$12$bob", `${OWN}old`)).toBe(false);
    });
  });
}
