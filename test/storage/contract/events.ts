/** Recorded events in any store: they outlive their account, and one server at a time claims each. */
import { describe, expect, it } from "vitest";
import type { RecordedEvent } from "../../../src/auth/store.js";
import { store } from "./opened.js";
import { ACCOUNT } from "./rows.js";

const LASTS = 60_000;

const EVENT: RecordedEvent = {
  id: "event",
  type: "account-removed",
  at: 1_000,
  accountId: "of no account",
  username: "alice",
  reason: null,
  subject: null,
  byKind: "operator",
  byName: "olga",
};

export function eventsContract(): void {
  describe("recorded events", () => {
    it("returns whole events, oldest first, after their account is removed", async () => {
      const { accounts, events } = store;
      const other = { ...EVENT, id: "other", at: 500, accountId: ACCOUNT.id, reason: "why", subject: "what" };
      await events.add(EVENT);
      await events.add(other);
      await events.add({ ...EVENT, id: "third", at: 2_000, username: null, byName: null, accountId: null });
      await accounts.remove(ACCOUNT.id);
      expect(await events.claimable(1, LASTS, 2)).toEqual(["other", "event"]);
      expect(await events.claim("other", 1, LASTS)).toEqual(other);
      expect(await events.claim("third", 1, LASTS)).toMatchObject({ username: null, byName: null });
    });

    it("lets one of fifty claim an event", async () => {
      const { events } = store;
      await events.add(EVENT);
      const claims = await Promise.all(Array.from({ length: 50 }, () => events.claim("event", 5_000, LASTS)));
      expect(claims.filter(Boolean)).toEqual([EVENT]);
    });

    it("lets an event be claimed again after a minute when it was not reported", async () => {
      const { events } = store;
      await events.add(EVENT);
      await events.claim("event", 5_000, LASTS);
      for (const now of [5_000, 5_000 + LASTS - 1, 5_000 - LASTS + 1]) {
        expect(await events.claimable(now, LASTS, 9)).toEqual([]);
        expect(await events.claim("event", now, LASTS)).toBeUndefined();
      }
      expect(await events.claimable(5_000 + LASTS, LASTS, 9)).toEqual(["event"]);
      expect(await events.claim("event", 5_000 + LASTS, LASTS)).toEqual(EVENT);
      await events.reported("event", 70_000);
      expect(await events.claimable(70_000 + LASTS, LASTS, 9)).toEqual([]);
      expect(await events.claim("event", 70_000 + LASTS, LASTS)).toBeUndefined();
    });

    it("ignores a claim that lies in the future", async () => {
      const { events } = store;
      await events.add(EVENT);
      await events.claim("event", 400 * 24 * 60 * LASTS, LASTS);
      expect(await events.claim("event", 5_000, LASTS)).toEqual(EVENT);
    });

    it("prunes old events in batches", async () => {
      const { events } = store;
      for (const [n, at] of [10, 20, 30, 40].entries()) await events.add({ ...EVENT, id: `${n}`, at });
      expect(await events.prune(40, 2)).toBe(2);
      expect(await events.prune(40, 2)).toBe(1);
      expect(await events.prune(40, 2)).toBe(0);
      expect(await events.claimable(1, LASTS, 9)).toEqual(["3"]);
    });
  });
}
