/** The part of the storage contract that auth/operator/operator-events.ts and auth/authenticators/authenticators.ts rely on. */
import { describe, expect, it } from "vitest";
import type { Account, Authenticator, RecordedEvent, Store } from "../../src/auth/store.js";

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

/** @param opened the storage of the running test, in which `account` is the only one */
export function eventsContract(opened: () => Store, account: Account): void {
  describe("recorded events", () => {
    it("outlive their account, and come back whole, the oldest first", async () => {
      const { accounts, events } = opened();
      const other = { ...EVENT, id: "other", at: 500, accountId: account.id, reason: "why", subject: "what" };
      await events.add(EVENT);
      await events.add(other);
      await events.add({ ...EVENT, id: "third", at: 2_000, username: null, byName: null, accountId: null });
      await accounts.remove(account.id);
      expect(await events.claimable(1, LASTS, 2)).toEqual(["other", "event"]);
      expect(await events.claim("other", 1, LASTS)).toEqual(other);
      expect(await events.claim("third", 1, LASTS)).toMatchObject({ username: null, byName: null });
    });

    it("are claimed once, however many try at once", async () => {
      const { events } = opened();
      await events.add(EVENT);
      const claims = await Promise.all(Array.from({ length: 50 }, () => events.claim("event", 5_000, LASTS)));
      expect(claims.filter(Boolean)).toEqual([EVENT]);
    });

    it("are claimed again a minute later, unless they were reported", async () => {
      const { events } = opened();
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

    it("can be claimed in spite of a claim in the future", async () => {
      const { events } = opened();
      await events.add(EVENT);
      await events.claim("event", 400 * 24 * 60 * LASTS, LASTS);
      expect(await events.claim("event", 5_000, LASTS)).toEqual(EVENT);
    });

    it("are pruned by age, up to a limit at once", async () => {
      const { events } = opened();
      for (const [n, at] of [10, 20, 30, 40].entries()) await events.add({ ...EVENT, id: `${n}`, at });
      expect(await events.prune(40, 2)).toBe(2);
      expect(await events.prune(40, 2)).toBe(1);
      expect(await events.prune(40, 2)).toBe(0);
      expect(await events.claimable(1, LASTS, 9)).toEqual(["3"]);
    });
  });

  describe("last steps that lie ahead", () => {
    const authenticator = (id: string, over: Partial<Authenticator> = {}): Authenticator => ({
      id,
      accountId: account.id,
      name: id,
      number: 1,
      sealedSecret: "keyname1.sealed",
      lastStep: 100,
      createdAt: 1,
      lastUsedAt: 1,
      driftSeconds: null,
      ...over,
    });
    const AHEAD = { edge: 1_000, followsDrift: false };
    const steps = async () =>
      (await opened().authenticators.of(account.id)).map(({ lastStep, spentAhead }) => [
        lastStep,
        ...(spentAhead ? [spentAhead.from, spentAhead.to] : []),
      ]);

    it("are reset to the edge only if they lie beyond it; accepted codes stay spent", async () => {
      const { accounts, authenticators } = opened();
      await accounts.add({ ...account, id: "bob", username: "bob" });
      await authenticators.add(authenticator("a", { lastStep: 1_000 }));
      await authenticators.add(authenticator("b", { lastStep: 1_500 }));
      await authenticators.add(authenticator("c", { lastStep: 1_510 }));
      await authenticators.add(authenticator("bob's", { accountId: "bob", lastStep: 9_000 }));
      expect(await authenticators.liftAhead(account.id, { ...AHEAD, from: 1_498 })).toBe(2);
      expect(await steps()).toEqual([[1_000], [1_000, 1_498, 1_500], [1_000, 1_498, 1_510]]);
      expect((await authenticators.of("bob"))[0]).toEqual(
        authenticator("bob's", { accountId: "bob", lastStep: 9_000 }),
      );
      expect(await authenticators.liftAhead(account.id, { ...AHEAD, from: 1_498 })).toBe(0);

      for (const step of [1_498, 1_499, 1_500])
        expect(await authenticators.spendStep("b", step, 1, null)).toBe(false);
      for (const first of [1_497, 1_498, 1_500])
        expect(await authenticators.spendPair("b", first, 1, 0)).toBe(false);
      expect(await authenticators.spendStep("b", 1_001, 1, null)).toBe(true);
      expect(await authenticators.spendPair("b", 1_496, 1, 0)).toBe(true);
      expect(await authenticators.spendStep("b", 1_501, 1, null)).toBe(true);
    });

    it("stay spent alone when the start is unknown, or would be later", async () => {
      const { authenticators } = opened();
      await authenticators.add(authenticator("a", { lastStep: 1_500 }));
      await authenticators.liftAhead(account.id, { ...AHEAD, from: undefined });
      expect(await steps()).toEqual([[1_000, 1_500, 1_500]]);
      await authenticators.add(authenticator("b", { lastStep: 1_500 }));
      await authenticators.liftAhead(account.id, { ...AHEAD, from: 1_600 });
      expect((await steps())[1]).toEqual([1_000, 1_500, 1_500]);
    });

    it("that were reset before stay spent when more are reset, until their time has passed", async () => {
      const { authenticators } = opened();
      await authenticators.add(authenticator("a", { lastStep: 1_500 }));
      await authenticators.liftAhead(account.id, { ...AHEAD, from: 1_400 });
      expect(await authenticators.spendStep("a", 1_300, 1, null)).toBe(true);
      await authenticators.liftAhead(account.id, { ...AHEAD, from: 1_290 });
      expect(await steps()).toEqual([[1_000, 1_290, 1_500]]);
      expect(await authenticators.spendStep("a", 1_600, 1, null)).toBe(true);
      await authenticators.liftAhead(account.id, { edge: 1_550, followsDrift: false, from: 1_580 });
      expect(await steps()).toEqual([[1_550, 1_580, 1_600]]);
    });

    it("are judged by each authenticator's own clock when its drift is followed", async () => {
      const { authenticators } = opened();
      const drifts: [number | null, number][] = [
        [null, 0],
        [-600, -20],
        [-15, 0],
        [-16, -1],
        [14, 0],
        [15, 1],
        [600, 20],
      ];
      for (const [n, [driftSeconds, moved]] of drifts.entries()) {
        for (const [m, beyond] of [0, 1].entries()) {
          const lastStep = 1_000 + moved + beyond;
          await authenticators.add(authenticator(`${n} ${m}`, { driftSeconds, lastStep }));
        }
      }
      const follows = { edge: 1_000, followsDrift: true };
      const found = await authenticators.countAhead(follows, 9);
      expect(found).toEqual({ authenticators: drifts.length, usernames: [account.username] });
      expect(await authenticators.liftAhead(account.id, { ...follows, from: undefined })).toBe(drifts.length);
      expect((await steps()).map(([last]) => last)).toEqual(
        drifts.flatMap(([, moved]) => [1_000 + moved, 1_000 + moved]),
      );
    });

    it("are counted, with the first few names of their accounts", async () => {
      const { accounts, authenticators } = opened();
      expect(await authenticators.countAhead(AHEAD, 9)).toEqual({ authenticators: 0, usernames: [] });
      for (const name of ["dora", "bob", "carol"]) {
        await accounts.add({ ...account, id: name, username: name });
        for (const n of [1, 2])
          await authenticators.add(authenticator(`${name} ${n}`, { accountId: name, lastStep: 2_000 + n }));
      }
      await authenticators.add(authenticator("alice's"));
      expect(await authenticators.countAhead(AHEAD, 2)).toEqual({
        authenticators: 6,
        usernames: ["bob", "carol"],
      });
    });
  });
}
