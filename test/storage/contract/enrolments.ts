/** Secrets that are being set up, in any store: one for each login, taken once, remembered for a while. */
import { beforeEach, describe, expect, it } from "vitest";
import type { SessionRow } from "../../../src/auth/store.js";
import { race, store } from "./opened.js";
import { BOB, ENROLMENT, sessionRow } from "./rows.js";

export function enrolmentsContract(): void {
  describe("enrolments", () => {
    beforeEach(() => store.sessions.open(sessionRow({ kind: "pending" })));

    it("keeps the first secret of a pending login", async () => {
      expect(await store.enrolments.insertOrGet(ENROLMENT)).toEqual(ENROLMENT);
      expect(await store.enrolments.insertOrGet({ ...ENROLMENT, authenticatorId: "second" })).toEqual(
        ENROLMENT,
      );
    });

    it("gives everyone the same secret when fifty ask at the same time", async () => {
      const kept = await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          store.enrolments.insertOrGet({ ...ENROLMENT, authenticatorId: `id ${i}`, number: i + 1 }),
        ),
      );
      expect(kept[0]).toBeDefined();
      expect(new Set(kept.map((one) => JSON.stringify(one))).size).toBe(1);
      expect(await store.enrolments.of("session")).toEqual(kept[0]);
    });

    it("stores nothing for a login or session that has ended", async () => {
      expect(await store.enrolments.insertOrGet({ ...ENROLMENT, sessionHash: "unknown" })).toBeUndefined();
      await store.enrolments.insertOrGet(ENROLMENT);
      await store.sessions.end("session", 2_000);
      expect(await store.enrolments.insertOrGet(ENROLMENT)).toBeUndefined();
    });

    it("lists enrolments while their login or session is live, for their own account only", async () => {
      const { enrolments, sessions } = store;
      await store.accounts.add(BOB);
      const begin = async (idHash: string, number: number, over: Partial<SessionRow>) => {
        const row = sessionRow({ idHash, ...over });
        const enrolment = {
          ...ENROLMENT,
          sessionHash: idHash,
          accountId: row.accountId,
          authenticatorId: idHash,
          number,
        };
        await sessions.open(row);
        await enrolments.insertOrGet(enrolment);
        return { ...enrolment, kind: row.kind };
      };
      const session = await begin("of a session", 3, { lastSeenAt: 1_500 });
      const pending = await begin("of a pending login", 2, { kind: "pending" });
      await begin("idle", 4, { lastSeenAt: 1_000 });
      await begin("expired", 5, { kind: "pending", expiresAt: 2_000 });
      await begin("ended", 6, { lastSeenAt: 1_500 });
      await sessions.end("ended", 1_500);
      await begin("set aside", 7, { lastSeenAt: 1_500 });
      await enrolments.setAside("set aside");
      const bobs = await begin("bob's", 1, { accountId: "bob", lastSeenAt: 1_500 });
      expect(await enrolments.live("account", 2_000, 1_000)).toEqual([pending, session]);
      expect(await enrolments.live("bob", 2_000, 1_000)).toEqual([bobs]);
      expect(await enrolments.live("nobody", 2_000, 1_000)).toEqual([]);
    });

    it("takes an enrolment once", async () => {
      await store.enrolments.insertOrGet(ENROLMENT);
      expect(await race(() => store.enrolments.take("session"))).toBe(1);
      expect(await store.enrolments.of("session")).toBeUndefined();
    });

    it("prunes old enrolments whose pending login is over", async () => {
      await store.enrolments.insertOrGet(ENROLMENT);
      expect(await store.enrolments.prune(4_999, 2, 10)).toBe(0);
      expect(await store.enrolments.prune(5_000, 1, 10)).toBe(0);
      expect(await store.enrolments.prune(5_000, 2, 0)).toBe(0);
      expect(await store.enrolments.prune(5_000, 2, 10)).toBe(1);
    });

    it("finds an enrolment among the earlier ones once it is set aside", async () => {
      const { enrolments } = store;
      const { sessionHash, ...first } = ENROLMENT;
      await enrolments.insertOrGet(ENROLMENT);
      expect(await enrolments.others("account", "session", 5)).toEqual([]);
      await enrolments.setAside("session");
      expect(await enrolments.of("session")).toBeUndefined();
      await enrolments.insertOrGet({ ...ENROLMENT, authenticatorId: "second", number: 2 });
      expect(await enrolments.of("session")).toMatchObject({ authenticatorId: "second" });
      expect(await enrolments.others("account", "session", 5)).toEqual([first]);
      expect(await enrolments.others("bob", "session", 5)).toEqual([]);
    });

    it("lists earlier enrolments, newest first, after the row of their login is pruned", async () => {
      const { enrolments, sessions } = store;
      await enrolments.insertOrGet(ENROLMENT);
      await sessions.prune(6_000, 10);
      expect(await sessions.find("session")).toBeUndefined();
      await sessions.open(sessionRow({ idHash: "other", kind: "pending" }));
      await enrolments.insertOrGet({
        ...ENROLMENT,
        sessionHash: "other",
        authenticatorId: "second",
        number: 2,
      });
      const numbers = async (limit: number) =>
        (await enrolments.others("account", "third", limit)).map(({ number }) => number);
      expect(await numbers(5)).toEqual([2, 1]);
      expect(await numbers(1)).toEqual([2]);
    });

    it("forgets enrolments up to a number, except those still being set up", async () => {
      const { enrolments, sessions } = store;
      await enrolments.insertOrGet(ENROLMENT);
      await sessions.open(sessionRow({ idHash: "other", kind: "pending" }));
      await enrolments.insertOrGet({
        ...ENROLMENT,
        sessionHash: "other",
        authenticatorId: "second",
        number: 2,
      });
      await sessions.end("other", 2_000);
      await enrolments.forgetUpTo("account", 1, 3_000);
      expect(await enrolments.others("account", "", 5)).toHaveLength(2);
      await enrolments.forgetUpTo("account", 2, 3_000);
      expect(await enrolments.others("account", "", 5)).toMatchObject([{ number: 1 }]);
    });
  });
}
