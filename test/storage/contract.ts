/** What auth/ relies on, asked of any storage: one suite, to be run on each engine. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Account, SessionRow, Store, ThrottleRule } from "../../src/auth/store.js";

const MINUTE = 60_000;
const RULE: ThrottleRule = { free: 3, delays: [MINUTE, 2 * MINUTE], window: null };

const ACCOUNT: Account = {
  id: "account",
  username: "alice",
  passwordHash: "hash",
  isDemo: false,
  createdAt: 1,
  secondFactorSince: null,
};

function sessionRow(over: Partial<SessionRow> = {}): SessionRow {
  return {
    idHash: "session",
    kind: "session",
    accountId: ACCOUNT.id,
    openedFrom: null,
    next: null,
    methods: "password totp",
    device: "a browser",
    address: "127.0.0.1",
    createdAt: 1_000,
    lastSeenAt: 1_000,
    expiresAt: 5_000,
    endedAt: null,
    data: "",
    ...over,
  };
}

/** @param openStore a new, empty storage each time */
export function storeContract(engine: string, openStore: () => Promise<Store>): void {
  describe(`a store on ${engine}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await openStore();
      await store.accounts.add(ACCOUNT);
    });
    afterEach(() => store.close());

    describe("accounts", () => {
      it("are found by name and by id", async () => {
        expect(await store.accounts.byUsername("alice")).toEqual(ACCOUNT);
        expect(await store.accounts.byId("account")).toEqual(ACCOUNT);
        expect(await store.accounts.byUsername("bob")).toBeUndefined();
      });

      it("take a name once", async () => {
        expect(await store.accounts.add({ ...ACCOUNT, id: "other" })).toBe(false);
        expect(await store.accounts.byId("other")).toBeUndefined();
      });

      it("are held by the password that was proved, and by no other", async () => {
        expect(await store.accounts.hold("account", "hash")).toBe(true);
        expect(await store.accounts.hold("account", "another hash")).toBe(false);
        expect(await store.accounts.hold("nobody", "hash")).toBe(false);
        expect(await store.accounts.byId("account")).toEqual(ACCOUNT);
      });

      it("start their second factor once, however many ask at the same time", async () => {
        const asked = await Promise.all(
          Array.from({ length: 20 }, (_, i) => store.accounts.startSecondFactor("account", i)),
        );
        expect(asked.filter(Boolean)).toHaveLength(1);
      });
    });

    describe("authenticators", () => {
      const authenticator = {
        id: "authenticator",
        accountId: ACCOUNT.id,
        name: "Pixel 9",
        sealedSecret: "keyname1.sealed",
        lastStep: 100,
        createdAt: 1,
        lastUsedAt: 1,
      };
      beforeEach(() => store.authenticators.add(authenticator));

      it("are listed with their account, and tell the keys in use", async () => {
        expect(await store.authenticators.of("account")).toEqual([authenticator]);
        expect(await store.authenticators.of("other")).toEqual([]);
        expect(await store.authenticators.keyNames()).toEqual(["keyname1"]);
      });

      it("spend a step once, and none older after it", async () => {
        const asked = await Promise.all(
          Array.from({ length: 50 }, () => store.authenticators.spendStep("authenticator", 101, 9)),
        );
        expect(asked.filter(Boolean)).toHaveLength(1);
        expect(await store.authenticators.spendStep("authenticator", 100, 9)).toBe(false);
        expect(await store.authenticators.spendStep("authenticator", 102, 9)).toBe(true);
      });
    });

    describe("sessions", () => {
      it("are found with their account", async () => {
        await store.sessions.open(sessionRow({ next: "/a?b=1" }));
        expect(await store.sessions.find("session")).toEqual({
          ...sessionRow({ next: "/a?b=1" }),
          username: "alice",
          isDemo: false,
        });
        expect(await store.sessions.find("other")).toBeUndefined();
      });

      it("end once, and never come back", async () => {
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

      it("are exchanged only while they are live pending logins", async () => {
        await store.sessions.open(sessionRow({ idHash: "p", kind: "pending" }));
        await store.sessions.open(sessionRow({ idHash: "late", kind: "pending" }));
        await store.sessions.open(sessionRow({ idHash: "s" }));
        expect(await store.sessions.end("p", 2_000, "pending")).toBe(true);
        expect(await store.sessions.end("late", 5_000, "pending")).toBe(false);
        expect(await store.sessions.end("s", 2_000, "pending")).toBe(false);
      });

      it("end by the pending login that they were exchanged for, and no others", async () => {
        await store.sessions.open(sessionRow({ idHash: "p", kind: "pending" }));
        await store.sessions.open(sessionRow({ idHash: "s", openedFrom: "p" }));
        await store.sessions.open(sessionRow({ idHash: "other", openedFrom: "q" }));
        await store.sessions.endOpenedFrom("p", 2_500);
        expect((await store.sessions.find("p"))?.endedAt).toBeNull();
        expect((await store.sessions.find("s"))?.endedAt).toBe(2_500);
        expect((await store.sessions.find("other"))?.endedAt).toBeNull();
      });

      it("are pruned a few at a time, once they have expired", async () => {
        for (const id of ["a", "b", "c"]) await store.sessions.open(sessionRow({ idHash: id }));
        await store.sessions.open(sessionRow({ idHash: "live", expiresAt: 9_000 }));
        expect(await store.sessions.prune(5_000, 2)).toBe(2);
        expect(await store.sessions.prune(5_000, 2)).toBe(1);
        expect(await store.sessions.find("live")).toBeDefined();
      });
    });

    describe("enrolments", () => {
      const enrolment = {
        sessionHash: "session",
        accountId: ACCOUNT.id,
        authenticatorId: "first",
        sealedSecret: "sealed",
        createdAt: 1,
      };
      beforeEach(() => store.sessions.open(sessionRow({ kind: "pending" })));

      it("keep the first secret of a pending login", async () => {
        expect(await store.enrolments.keep(enrolment)).toEqual(enrolment);
        expect(await store.enrolments.keep({ ...enrolment, authenticatorId: "second" })).toEqual(enrolment);
      });

      it("are taken once", async () => {
        await store.enrolments.keep(enrolment);
        expect(await store.enrolments.take("session")).toBe(true);
        expect(await store.enrolments.take("session")).toBe(false);
        expect(await store.enrolments.of("session")).toBeUndefined();
      });

      it("go when their pending login is over", async () => {
        await store.enrolments.keep(enrolment);
        expect(await store.enrolments.prune(4_999)).toBe(0);
        expect(await store.enrolments.prune(5_000)).toBe(1);
      });
    });

    describe("the throttle", () => {
      it("counts exactly the free attempts, however many come at once", async () => {
        const counted = await Promise.all(
          Array.from({ length: 100 }, () => store.throttle.count("pool", RULE, 1_000)),
        );
        expect(counted.filter((one) => one.counted)).toHaveLength(3);
        expect(counted.at(-1)).toEqual({ counted: false, until: 1_000 + MINUTE });
      });

      it("lets one attempt through after each delay, the last delay over and over", async () => {
        let now = 1_000;
        for (let i = 0; i < 3; i++) await store.throttle.count("pool", RULE, now);
        for (const delay of [MINUTE, 2 * MINUTE, 2 * MINUTE]) {
          expect(await store.throttle.delayedUntil("pool", now)).toBe(now + delay);
          expect((await store.throttle.count("pool", RULE, now + delay - 1)).counted).toBe(false);
          now += delay;
          expect(await store.throttle.delayedUntil("pool", now)).toBeUndefined();
          expect((await store.throttle.count("pool", RULE, now)).counted).toBe(true);
        }
      });

      it("takes one count back, and the delay that it began", async () => {
        for (let i = 0; i < 3; i++) await store.throttle.count("pool", RULE, 1_000);
        await store.throttle.refund("pool", 1_000);
        expect((await store.throttle.count("pool", RULE, 1_000)).counted).toBe(true);
        expect((await store.throttle.count("pool", RULE, 1_000)).counted).toBe(false);
      });

      it("takes a count back from the window it was counted in, never from a later one", async () => {
        const windowed = { ...RULE, window: 100 };
        const counted = await store.throttle.count("pool", windowed, 1_000, "account");
        expect(counted).toEqual({ counted: true, since: 1_000 });
        await store.throttle.count("pool", windowed, 1_100, "account");
        await store.throttle.refund("pool", 1_000);
        expect(await store.throttle.standing("account")).toBe(1);
        await store.throttle.refund("pool", 1_100);
        expect(await store.throttle.standing("account")).toBe(0);
      });

      it("keeps no row of counts that were all taken back", async () => {
        const { counted } = await store.throttle.count("pool", { ...RULE, window: 100 }, 1_000);
        expect(counted).toBe(true);
        await store.throttle.refund("pool", 1_000);
        expect(await store.throttle.prune(2_000, 10)).toBe(0);
      });

      it("forgets after the window, and only then", async () => {
        const windowed = { ...RULE, delays: [10], window: 100 };
        for (let i = 0; i < 3; i++) await store.throttle.count("pool", windowed, 1_000);
        expect(await store.throttle.prune(1_099, 10)).toBe(0);
        await store.throttle.count("pool", windowed, 1_100);
        expect(await store.throttle.delayedUntil("pool", 1_100)).toBeUndefined();
        expect(await store.throttle.prune(1_200, 10)).toBe(1);
      });

      it("adds up what stands against an account over its pools, until it is cleared", async () => {
        for (const pool of ["one", "one", "two"]) await store.throttle.count(pool, RULE, 1, "account");
        await store.throttle.count("three", RULE, 1, "other");
        expect(await store.throttle.standing("account")).toBe(3);
        await store.throttle.clearAccount("account");
        expect(await store.throttle.standing("account")).toBe(0);
        expect(await store.throttle.standing("other")).toBe(1);
      });
    });

    it("undoes all of a transaction that fails", async () => {
      const failing = store.transaction(async (tx) => {
        await tx.throttle.count("pool", RULE, 1_000, "account");
        throw new Error("changed my mind");
      });
      await expect(failing).rejects.toThrow("changed my mind");
      expect(await store.throttle.standing("account")).toBe(0);
    });

    it("keeps transactions apart", async () => {
      await Promise.all(
        Array.from({ length: 20 }, () =>
          store.transaction(async (tx) => {
            const standing = await tx.throttle.standing("account");
            await tx.throttle.count(`pool ${standing}`, RULE, 1_000, "account");
          }),
        ),
      );
      expect(await store.throttle.standing("account")).toBe(20);
    });
  });
}
