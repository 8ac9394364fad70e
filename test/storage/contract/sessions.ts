/** Sessions and pending logins in any store: opened, counted, revoked, pruned. */
import { describe, expect, it } from "vitest";
import { store } from "./opened.js";
import { BOB, sessionRow } from "./rows.js";

export function sessionsContract(): void {
  describe("sessions", () => {
    it("finds a session with its account", async () => {
      await store.sessions.open(sessionRow({ next: "/a?b=1" }));
      expect(await store.sessions.find("session")).toEqual({
        ...sessionRow({ next: "/a?b=1" }),
        username: "alice",
        isDemo: false,
        externalId: null,
        email: null,
        name: null,
        groups: [],
        needsLink: false,
        hasPassword: true,
        isSettingUp: true,
        disabled: false,
        credentialVersion: 0,
        passwordProof: null,
      });
      expect(await store.sessions.find("other")).toBeUndefined();
      await store.accounts.setDisabled("account", 1_500);
      expect(await store.sessions.find("session")).toMatchObject({ disabled: true });
    });

    it("stores the proof of a password in a live session, and clears it", async () => {
      const proofOf = async (id: string) => (await store.sessions.find(id))?.passwordProof;
      await store.sessions.open(sessionRow());
      await store.sessions.open(sessionRow({ idHash: "ended", endedAt: 1_500 }));
      const proof = { at: 1_700_000_000_000, credentialVersion: 3 };
      for (const id of ["session", "ended", "nobody"]) await store.sessions.setPasswordProof(id, proof);
      expect([await proofOf("session"), await proofOf("ended")]).toEqual([proof, null]);
      await store.sessions.setPasswordProof("session", null);
      expect(await proofOf("session")).toBeNull();
    });

    it("ends a session once and never brings it back", async () => {
      await store.sessions.open(sessionRow({ data: "kept" }));
      expect(await store.sessions.end("session", 2_000)).toBe(true);
      expect(await store.sessions.end("session", 2_001)).toBe(false);
      expect(await store.sessions.write("session", "late")).toBe(false);
      await store.sessions.seen("session", 3_000);
      expect(await store.sessions.find("session")).toMatchObject({
        endedAt: 2_000,
        data: "",
        lastSeenAt: 1_000,
      });
    });

    it("completes live pending logins only", async () => {
      await store.sessions.open(sessionRow({ idHash: "p", kind: "pending" }));
      await store.sessions.open(sessionRow({ idHash: "late", kind: "pending" }));
      await store.sessions.open(sessionRow({ idHash: "s" }));
      expect(await store.sessions.end("p", 2_000, "pending")).toBe(true);
      expect(await store.sessions.end("late", 5_000, "pending")).toBe(false);
      expect(await store.sessions.end("s", 2_000, "pending")).toBe(false);
      expect(await store.sessions.complete("s", 2_000)).toBe(false);
      expect(await store.sessions.complete("p", 2_000)).toBe(false);
    });

    it("changes the destination of live pending logins only", async () => {
      await store.sessions.open(sessionRow({ idHash: "p", kind: "pending", next: "/old" }));
      await store.sessions.open(sessionRow({ idHash: "ended", kind: "pending", endedAt: 1_500 }));
      await store.sessions.open(sessionRow({ idHash: "s" }));
      expect(await store.sessions.setNext("p", "https://app.example.org/?a=1")).toBe(true);
      for (const id of ["ended", "s", "nobody"]) expect(await store.sessions.setNext(id, "/new")).toBe(false);
      expect((await store.sessions.find("p"))?.next).toBe("https://app.example.org/?a=1");
      for (const id of ["ended", "s"]) expect((await store.sessions.find(id))?.next).toBeNull();
    });

    it("ends live pending logins of one account sooner, and none later", async () => {
      await store.accounts.add(BOB);
      const login = { kind: "pending", expiresAt: 5_000 } as const;
      await store.sessions.open(sessionRow({ ...login, idHash: "long" }));
      await store.sessions.open(sessionRow({ ...login, idHash: "short", expiresAt: 1_500 }));
      await store.sessions.open(sessionRow({ ...login, idHash: "ended", endedAt: 1_500 }));
      await store.sessions.open(sessionRow({ ...login, idHash: "bobs", accountId: "bob" }));
      await store.sessions.open(sessionRow({ idHash: "s" }));
      await store.sessions.shortenPending("account", 1_000);
      const ends = [];
      for (const id of ["long", "short", "ended", "bobs", "s"])
        ends.push((await store.sessions.find(id))?.expiresAt);
      expect(ends).toEqual([2_000, 1_500, 5_000, 5_000, 5_000]);
    });

    it("revokes everything that one sign-in opened, and nothing else", async () => {
      await store.accounts.add(BOB);
      await store.sessions.open(sessionRow({ idHash: "p", kind: "pending", family: "p", endedAt: 1_500 }));
      await store.sessions.open(sessionRow({ idHash: "s", family: "p", data: "gone" }));
      await store.sessions.open(sessionRow({ idHash: "other", family: "q" }));
      await store.sessions.open(sessionRow({ idHash: "bobs", family: "p", accountId: "bob" }));
      expect(await store.sessions.revokeFamily("account", "p", 2_500)).toBe(true);
      expect(await store.sessions.revokeFamily("account", "p", 2_600)).toBe(false);
      expect((await store.sessions.find("p"))?.endedAt).toBe(1_500);
      expect(await store.sessions.find("s")).toMatchObject({ endedAt: 2_500, data: "" });
      for (const id of ["other", "bobs"]) expect((await store.sessions.find(id))?.endedAt).toBeNull();
    });

    it("lists live sessions, newest first, without pending logins", async () => {
      await store.accounts.add(BOB);
      await store.sessions.open(sessionRow({ idHash: "old" }));
      await store.sessions.open(sessionRow({ idHash: "trusted", createdAt: 1_200, steppedUpAt: null }));
      await store.sessions.open(sessionRow({ idHash: "new", createdAt: 1_400 }));
      await store.sessions.open(sessionRow({ idHash: "pending", kind: "pending" }));
      await store.sessions.open(sessionRow({ idHash: "idle", lastSeenAt: 500 }));
      await store.sessions.open(sessionRow({ idHash: "expired", expiresAt: 2_000 }));
      await store.sessions.open(sessionRow({ idHash: "ended", endedAt: 1_500 }));
      await store.sessions.open(sessionRow({ idHash: "bobs", accountId: "bob" }));
      const live = await store.sessions.live("account", 2_000, 500, 10);
      expect(live).toEqual([
        sessionRow({ idHash: "new", createdAt: 1_400 }),
        sessionRow({ idHash: "trusted", createdAt: 1_200, steppedUpAt: null }),
        sessionRow({ idHash: "old" }),
      ]);
    });

    it("counts live sessions of all accounts, without pending logins", async () => {
      const none = { total: 0, upTo: undefined };
      expect(await store.sessions.countBatch(2_000, 500, 10)).toEqual(none);
      await store.accounts.add(BOB);
      await store.sessions.open(sessionRow());
      await store.sessions.open(sessionRow({ idHash: "bobs", accountId: "bob", steppedUpAt: null }));
      await store.sessions.open(sessionRow({ idHash: "pending", kind: "pending" }));
      await store.sessions.open(sessionRow({ idHash: "idle", lastSeenAt: 500 }));
      await store.sessions.open(sessionRow({ idHash: "expired", expiresAt: 2_000 }));
      await store.sessions.open(sessionRow({ idHash: "ended", endedAt: 1_500 }));
      expect(await store.sessions.countBatch(2_000, 500, 10)).toEqual({ total: 2, upTo: undefined });
    });

    it("counts in parts, each session once", async () => {
      const ends = [3_000, 3_000, 3_001, 3_002, 3_002, 3_003, 3_004];
      for (const [n, expiresAt] of ends.entries()) {
        await store.sessions.open(sessionRow({ idHash: `session ${n}`, expiresAt }));
      }
      for (const limit of [1, 2, 3, 7, 8]) {
        let total = 0;
        let from: number | undefined = 2_000;
        while (from !== undefined) {
          const some: { total: number; upTo: number | undefined } = await store.sessions.countBatch(
            from,
            500,
            limit,
          );
          expect(some.upTo ?? 9_999).toBeGreaterThan(from);
          total += some.total;
          from = some.upTo;
        }
        expect(total).toBe(ends.length);
      }
    });

    it("calls a session live until it ends or expires", async () => {
      await store.sessions.open(sessionRow());
      expect(await store.sessions.isLive("session", 4_999)).toBe(true);
      expect(await store.sessions.isLive("session", 5_000)).toBe(false);
      expect(await store.sessions.isLive("other", 2_000)).toBe(false);
      await store.sessions.end("session", 3_000);
      expect(await store.sessions.isLive("session", 4_000)).toBe(false);
      expect(await store.sessions.isLive("session", 4_000, 500)).toBe(false);
    });

    it("tells whether both factors were proved after a given moment", async () => {
      await store.sessions.open(sessionRow());
      await store.sessions.open(sessionRow({ idHash: "trusted", steppedUpAt: null }));
      expect(await store.sessions.isLive("session", 2_000, 999)).toBe(true);
      expect(await store.sessions.isLive("session", 2_000, 1_000)).toBe(false);
      expect(await store.sessions.isLive("trusted", 2_000, 0)).toBe(false);
      expect(await store.sessions.isLive("trusted", 2_000)).toBe(true);
      await store.sessions.open(sessionRow({ idHash: "expired", expiresAt: 2_000 }));
      expect(await store.sessions.isLive("expired", 1_999, 999)).toBe(true);
      expect(await store.sessions.isLive("expired", 2_000, 999)).toBe(false);
    });

    it("revokes all sessions and pending logins of an account except one", async () => {
      await store.accounts.add(BOB);
      await store.sessions.open(sessionRow({ idHash: "kept", data: "kept" }));
      await store.sessions.open(sessionRow({ idHash: "one", data: "gone" }));
      await store.sessions.open(sessionRow({ idHash: "two" }));
      await store.sessions.open(sessionRow({ idHash: "pending", kind: "pending" }));
      await store.sessions.open(sessionRow({ idHash: "expired", expiresAt: 2_000 }));
      await store.sessions.open(sessionRow({ idHash: "ended", endedAt: 1_500 }));
      await store.sessions.open(sessionRow({ idHash: "bobs", accountId: "bob" }));
      await store.sessions.revokeAllExcept("account", 2_000, "kept");
      for (const id of ["one", "two", "pending"]) {
        expect(await store.sessions.find(id)).toMatchObject({ endedAt: 2_000, data: "" });
      }
      expect((await store.sessions.find("ended"))?.endedAt).toBe(1_500);
      expect(await store.sessions.find("kept")).toMatchObject({ endedAt: null, data: "kept" });
      expect((await store.sessions.find("bobs"))?.endedAt).toBeNull();
      await store.sessions.revokeAllExcept("account", 2_500, "kept");
      expect((await store.sessions.find("one"))?.endedAt).toBe(2_000);
      await store.sessions.revokeAllExcept("account", 3_000);
      expect((await store.sessions.find("kept"))?.endedAt).toBe(3_000);
    });

    it("prunes expired sessions in batches", async () => {
      for (const id of ["a", "b", "c"]) await store.sessions.open(sessionRow({ idHash: id }));
      await store.sessions.open(sessionRow({ idHash: "live", expiresAt: 9_000 }));
      expect(await store.sessions.prune(5_000, 2)).toBe(2);
      expect(await store.sessions.prune(5_000, 2)).toBe(1);
      expect(await store.sessions.find("live")).toBeDefined();
    });
  });
}
