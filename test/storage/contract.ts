/** What auth/ relies on, asked of any storage: one suite, to be run on each engine. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type {
  Account,
  Enrolment,
  HistoryEntry,
  RecoverySheet,
  SessionRow,
  Store,
  ThrottleRule,
  TrustedDevice,
} from "../../src/auth/store.js";
import { driftsContract } from "./drifts-contract.js";
import { eventsContract } from "./events-contract.js";

const MINUTE = 60_000;
const RULE: ThrottleRule = { free: 3, delays: [MINUTE, 2 * MINUTE], window: null };

const ACCOUNT: Account = {
  id: "account",
  username: "alice",
  passwordHash: "hash",
  isDemo: false,
  createdAt: 1,
  secondFactorSince: null,
  credentialVersion: 0,
  disabledAt: null,
  lastSignInAt: null,
};

const BOB: Account = { ...ACCOUNT, id: "bob", username: "bob" };

const AUTHENTICATOR = {
  id: "authenticator",
  accountId: ACCOUNT.id,
  name: "Pixel 9",
  number: 1,
  sealedSecret: "keyname1.sealed",
  lastStep: 100,
  createdAt: 1,
  lastUsedAt: 1,
  driftSeconds: null,
};

const ENROLMENT: Enrolment = {
  sessionHash: "session",
  accountId: ACCOUNT.id,
  authenticatorId: "first",
  number: 1,
  sealedSecret: "sealed",
  createdAt: 1,
};

const SHEET: RecoverySheet = { accountId: ACCOUNT.id, number: 1, createdAt: 1_000, provedAt: null };
const CODES = ["code 1", "code 2", "code 3"];

const DEVICE: TrustedDevice = {
  id: "device",
  accountId: ACCOUNT.id,
  tokenHash: "token",
  device: "a browser",
  address: "127.0.0.1",
  createdAt: 1_000,
  lastUsedAt: 1_000,
  expiresAt: 5_000,
};

const LINE: HistoryEntry = {
  id: "line",
  accountId: ACCOUNT.id,
  at: 1_000,
  type: "signed-in",
  reason: null,
  subject: null,
  byOperator: false,
  byName: null,
  device: "a browser",
  address: "127.0.0.1",
};

function sessionRow(over: Partial<SessionRow> = {}): SessionRow {
  return {
    idHash: "session",
    kind: "session",
    accountId: ACCOUNT.id,
    family: "family",
    next: null,
    methods: "password totp",
    steppedUpAt: 1_000,
    device: "a browser",
    address: "127.0.0.1",
    createdAt: 1_000,
    lastSeenAt: 1_000,
    expiresAt: 5_000,
    endedAt: null,
    data: "",
    browser: null,
    lastRefusal: null,
    ...over,
  };
}

/** Fifty at once, and how many of them were told yes. */
async function race(ask: (i: number) => Promise<unknown>): Promise<number> {
  const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => ask(i)));
  return answers.filter(Boolean).length;
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

      it("are locked as they are, and unchanged by it", async () => {
        expect(await store.transaction((tx) => tx.accounts.lockRow("account"))).toEqual(ACCOUNT);
        expect(await store.transaction((tx) => tx.accounts.lockRow("nobody"))).toBeUndefined();
        expect(await store.accounts.byId("account")).toEqual(ACCOUNT);
      });

      it("show behind their lock what the transaction before has made of them", async () => {
        const changing = store.transaction(async (tx) => {
          await tx.accounts.lockRow("account");
          await tx.accounts.setPassword("account", "new");
          await tx.accounts.setDisabled("account", 5);
        });
        const next = store.transaction((tx) => tx.accounts.lockRow("account"));
        await changing;
        expect(await next).toMatchObject({ passwordHash: "new", disabledAt: 5 });
      });

      it("start their second factor once, however many ask at the same time", async () => {
        expect(await race((i) => store.accounts.startSecondFactor("account", i))).toBe(1);
      });

      it("are closed and opened once", async () => {
        expect(await store.accounts.setDisabled("account", null)).toBe(false);
        expect(await race((i) => store.accounts.setDisabled("account", i + 1))).toBe(1);
        expect(await race(() => store.accounts.setDisabled("account", null))).toBe(1);
        expect(await store.accounts.byId("account")).toEqual(ACCOUNT);
        expect(await store.accounts.setDisabled("nobody", 5)).toBe(false);
      });

      it("are given a password", async () => {
        await store.accounts.setPassword("account", "given");
        expect(await store.accounts.byId("account")).toEqual({ ...ACCOUNT, passwordHash: "given" });
      });

      it("raise their epoch each time, and tell the new one", async () => {
        const epochs = await Promise.all(
          Array.from({ length: 50 }, () => store.accounts.raiseCredentialVersion("account")),
        );
        expect(epochs.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
        await store.accounts.add(BOB);
        expect(await store.accounts.raiseCredentialVersion("bob")).toBe(1);
      });

      it("start their second factor anew after it was reset", async () => {
        await store.accounts.startSecondFactor("account", 5);
        await store.accounts.resetSecondFactor("account");
        expect(await store.accounts.byId("account")).toMatchObject({ secondFactorSince: null });
        expect(await store.accounts.startSecondFactor("account", 6)).toBe(true);
      });

      it("number their enrolments from 1, each number once, whatever happens to the second factor", async () => {
        const numbers = await Promise.all(
          Array.from({ length: 50 }, () => store.accounts.nextEnrolment("account")),
        );
        expect(numbers.sort((a = 0, b = 0) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
        await store.accounts.resetSecondFactor("account");
        expect(await store.accounts.nextEnrolment("account")).toBe(51);
        expect(await store.accounts.nextEnrolment("nobody")).toBeUndefined();
      });

      it("remember the last sign-in", async () => {
        await store.accounts.noteSignIn("account", 7);
        expect((await store.accounts.byId("account"))?.lastSignInAt).toBe(7);
      });

      it("count as there once one is not the demo account", async () => {
        await store.accounts.remove("account");
        expect(await store.accounts.any()).toBe(false);
        await store.accounts.add({ ...BOB, isDemo: true });
        expect(await store.accounts.any()).toBe(false);
        await store.accounts.add(ACCOUNT);
        expect(await store.accounts.any()).toBe(true);
      });

      it("are listed by name, each with what is its own", async () => {
        await store.accounts.add({ ...BOB, username: "aaron" });
        await store.authenticators.add(AUTHENTICATOR);
        await store.authenticators.add({ ...AUTHENTICATOR, id: "second", number: 2 });
        await store.recoveryCodes.addSheet(SHEET, CODES);
        await store.recoveryCodes.use("account", "code 1", 2_000);
        for (const pool of ["second-factor a", "second-factor b", "password a"]) {
          for (let i = 0; i < 4; i++) await store.throttle.count(pool, RULE, i * MINUTE, "account");
        }
        await store.throttle.count("second-factor b", RULE, 10 * MINUTE, "account");
        const nothing = { authenticators: 0, recoveryCodes: 0, failures: 0, delayedUntil: null };
        expect(await store.accounts.list()).toEqual([
          { ...BOB, username: "aaron", ...nothing },
          { ...ACCOUNT, authenticators: 2, recoveryCodes: 2, failures: 9, delayedUntil: 12 * MINUTE },
        ]);
        await store.recoveryCodes.endAll("account", 3_000);
        expect((await store.accounts.list())[1]?.recoveryCodes).toBe(0);
      });

      it("are listed without a delay while none was begun", async () => {
        await store.throttle.count("second-factor a", RULE, 1, "account");
        expect(await store.accounts.list()).toMatchObject([{ failures: 1, delayedUntil: null }]);
      });

      it("are removed once, with all that is their own", async () => {
        await store.accounts.add(BOB);
        await store.authenticators.add(AUTHENTICATOR);
        await store.sessions.open(sessionRow());
        await store.enrolments.insertOrGet(ENROLMENT);
        await store.recoveryCodes.addSheet(SHEET, CODES);
        await store.trustedDevices.add(DEVICE);
        await store.history.add(LINE);
        expect(await race(() => store.accounts.remove("account"))).toBe(1);
        expect(await store.accounts.byId("account")).toBeUndefined();
        expect(await store.accounts.byId("bob")).toEqual(BOB);
        expect(await store.authenticators.of("account")).toEqual([]);
        expect(await store.sessions.find("session")).toBeUndefined();
        expect(await store.enrolments.of("session")).toBeUndefined();
        expect(await store.recoveryCodes.sheetOf("account")).toBeUndefined();
        expect(await store.recoveryCodes.find("account", "code 1")).toBeUndefined();
        expect(await store.trustedDevices.of("account", 1_000, 10)).toEqual([]);
        expect(await store.history.of("account", 10, 0)).toEqual([]);
      });

      it("leave nothing for a request that comes after them, and no error either", async () => {
        await store.sessions.open(sessionRow());
        await store.accounts.remove("account");
        await store.history.add(LINE);
        expect(await store.enrolments.insertOrGet(ENROLMENT)).toBeUndefined();
        expect(await store.sessions.isLive("session", 2_000)).toBe(false);
        await store.accounts.noteSignIn("account", 1);
        await store.accounts.resetSecondFactor("account");
      });
    });

    describe("authenticators", () => {
      beforeEach(() => store.authenticators.add(AUTHENTICATOR));

      it("are listed with their account, and tell the keys in use", async () => {
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

      it("spend a step once, and none older after it", async () => {
        expect(await race(() => store.authenticators.spendStep("authenticator", 101, 9, null))).toBe(1);
        expect(await store.authenticators.spendStep("authenticator", 100, 9, null)).toBe(false);
        expect(await store.authenticators.spendStep("authenticator", 102, 9, -150)).toBe(true);
        expect(await store.authenticators.of("account")).toMatchObject([
          { lastStep: 102, driftSeconds: -150 },
        ]);
      });

      it("spend their own steps and nobody else's", async () => {
        const other = { ...AUTHENTICATOR, id: "other", number: 2 };
        await store.authenticators.add(other);
        expect(await store.authenticators.spendStep("authenticator", 101, 9, null)).toBe(true);
        expect(await store.authenticators.spendPair("authenticator", 102, 9, 0)).toBe(true);
        expect((await store.authenticators.of("account"))[1]).toEqual(other);
      });

      it("spend two steps in a row once, and only where the first is still good", async () => {
        const { authenticators } = store;
        expect(await authenticators.spendPair("authenticator", 100, 9, 30)).toBe(false);
        expect(await race(() => authenticators.spendPair("authenticator", 101, 9, 30))).toBe(1);
        expect(await authenticators.of("account")).toMatchObject([{ lastStep: 102, driftSeconds: 30 }]);
        expect(await authenticators.spendPair("authenticator", 102, 9, 30)).toBe(false);
        expect(await authenticators.spendStep("authenticator", 102, 9, 30)).toBe(false);
      });

      it("are listed in the order in which they were set up", async () => {
        await store.authenticators.add({ ...AUTHENTICATOR, id: "a", number: 3, createdAt: 3 });
        await store.authenticators.add({ ...AUTHENTICATOR, id: "b", number: 2, createdAt: 3 });
        const listed = await store.authenticators.of("account");
        expect(listed.map((one) => one.number)).toEqual([1, 2, 3]);
      });

      it("are renamed by their account, and by no other", async () => {
        await store.accounts.add(BOB);
        expect(await store.authenticators.rename("bob", "authenticator", "Mine")).toBe(false);
        expect(await store.authenticators.rename("account", "other", "Mine")).toBe(false);
        expect(await store.authenticators.rename("account", "authenticator", "Work")).toBe(true);
        expect(await store.authenticators.of("account")).toEqual([{ ...AUTHENTICATOR, name: "Work" }]);
      });

      it("are removed once, by their account, and by no other", async () => {
        await store.accounts.add(BOB);
        expect(await store.authenticators.remove("bob", "authenticator")).toBe(false);
        expect(await race(() => store.authenticators.remove("account", "authenticator"))).toBe(1);
        expect(await store.authenticators.of("account")).toEqual([]);
      });

      it("are removed all together, and no other account's", async () => {
        await store.accounts.add(BOB);
        const bobs = { ...AUTHENTICATOR, id: "bobs", accountId: "bob" };
        await store.authenticators.add({ ...AUTHENTICATOR, id: "second", number: 2 });
        await store.authenticators.add(bobs);
        await store.authenticators.removeAll("account");
        expect(await store.authenticators.of("account")).toEqual([]);
        expect(await store.authenticators.of("bob")).toEqual([bobs]);
      });
    });

    describe("sessions", () => {
      it("are found with their account", async () => {
        await store.sessions.open(sessionRow({ next: "/a?b=1" }));
        expect(await store.sessions.find("session")).toEqual({
          ...sessionRow({ next: "/a?b=1" }),
          username: "alice",
          isDemo: false,
          disabled: false,
        });
        expect(await store.sessions.find("other")).toBeUndefined();
        await store.accounts.setDisabled("account", 1_500);
        expect(await store.sessions.find("session")).toMatchObject({ disabled: true });
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
        expect(await store.sessions.complete("s", 2_000)).toBe(false);
        expect(await store.sessions.complete("p", 2_000)).toBe(false);
      });

      it("lead elsewhere only while they are pending logins that have not ended", async () => {
        await store.sessions.open(sessionRow({ idHash: "p", kind: "pending", next: "/old" }));
        await store.sessions.open(sessionRow({ idHash: "ended", kind: "pending", endedAt: 1_500 }));
        await store.sessions.open(sessionRow({ idHash: "s" }));
        expect(await store.sessions.leadTo("p", "https://app.example.org/?a=1")).toBe(true);
        for (const id of ["ended", "s", "nobody"])
          expect(await store.sessions.leadTo(id, "/new")).toBe(false);
        expect((await store.sessions.find("p"))?.next).toBe("https://app.example.org/?a=1");
        for (const id of ["ended", "s"]) expect((await store.sessions.find(id))?.next).toBeNull();
      });

      it("end with all that the same sign-in has opened, and nothing else", async () => {
        await store.accounts.add(BOB);
        await store.sessions.open(sessionRow({ idHash: "p", kind: "pending", family: "p", endedAt: 1_500 }));
        await store.sessions.open(sessionRow({ idHash: "s", family: "p", data: "gone" }));
        await store.sessions.open(sessionRow({ idHash: "other", family: "q" }));
        await store.sessions.open(sessionRow({ idHash: "bobs", family: "p", accountId: "bob" }));
        expect(await store.sessions.revokeSignIn("account", "p", 2_500)).toBe(true);
        expect(await store.sessions.revokeSignIn("account", "p", 2_600)).toBe(false);
        expect((await store.sessions.find("p"))?.endedAt).toBe(1_500);
        expect(await store.sessions.find("s")).toMatchObject({ endedAt: 2_500, data: "" });
        for (const id of ["other", "bobs"]) expect((await store.sessions.find(id))?.endedAt).toBeNull();
      });

      it("are listed while they are live, newest first, without pending logins", async () => {
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

      it("are counted while they are live, of all accounts, without pending logins", async () => {
        const none = { total: 0, upTo: undefined };
        expect(await store.sessions.countSome(2_000, 500, 10)).toEqual(none);
        await store.accounts.add(BOB);
        await store.sessions.open(sessionRow());
        await store.sessions.open(sessionRow({ idHash: "bobs", accountId: "bob", steppedUpAt: null }));
        await store.sessions.open(sessionRow({ idHash: "pending", kind: "pending" }));
        await store.sessions.open(sessionRow({ idHash: "idle", lastSeenAt: 500 }));
        await store.sessions.open(sessionRow({ idHash: "expired", expiresAt: 2_000 }));
        await store.sessions.open(sessionRow({ idHash: "ended", endedAt: 1_500 }));
        expect(await store.sessions.countSome(2_000, 500, 10)).toEqual({ total: 2, upTo: undefined });
      });

      it("are counted in parts, each once and none left out", async () => {
        const ends = [3_000, 3_000, 3_001, 3_002, 3_002, 3_003, 3_004];
        for (const [n, expiresAt] of ends.entries()) {
          await store.sessions.open(sessionRow({ idHash: `session ${n}`, expiresAt }));
        }
        for (const limit of [1, 2, 3, 7, 8]) {
          let total = 0;
          let from: number | undefined = 2_000;
          while (from !== undefined) {
            const some: { total: number; upTo: number | undefined } = await store.sessions.countSome(
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

      it("are live until they end or expire", async () => {
        await store.sessions.open(sessionRow());
        expect(await store.sessions.isLive("session", 4_999)).toBe(true);
        expect(await store.sessions.isLive("session", 5_000)).toBe(false);
        expect(await store.sessions.isLive("other", 2_000)).toBe(false);
        await store.sessions.end("session", 3_000);
        expect(await store.sessions.isLive("session", 4_000)).toBe(false);
        expect(await store.sessions.isLive("session", 4_000, 500)).toBe(false);
      });

      it("know whether both factors were proved in them after a moment", async () => {
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

      it("end all together but the one that asks, pending logins too", async () => {
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

      it("are pruned a few at a time, once they have expired", async () => {
        for (const id of ["a", "b", "c"]) await store.sessions.open(sessionRow({ idHash: id }));
        await store.sessions.open(sessionRow({ idHash: "live", expiresAt: 9_000 }));
        expect(await store.sessions.prune(5_000, 2)).toBe(2);
        expect(await store.sessions.prune(5_000, 2)).toBe(1);
        expect(await store.sessions.find("live")).toBeDefined();
      });
    });

    describe("enrolments", () => {
      beforeEach(() => store.sessions.open(sessionRow({ kind: "pending" })));

      it("keep the first secret of a pending login", async () => {
        expect(await store.enrolments.insertOrGet(ENROLMENT)).toEqual(ENROLMENT);
        expect(await store.enrolments.insertOrGet({ ...ENROLMENT, authenticatorId: "second" })).toEqual(
          ENROLMENT,
        );
      });

      it("keep one secret, and show it to everyone, however many ask at the same time", async () => {
        const kept = await Promise.all(
          Array.from({ length: 50 }, (_, i) =>
            store.enrolments.insertOrGet({ ...ENROLMENT, authenticatorId: `id ${i}`, number: i + 1 }),
          ),
        );
        expect(kept[0]).toBeDefined();
        expect(new Set(kept.map((one) => JSON.stringify(one))).size).toBe(1);
        expect(await store.enrolments.of("session")).toEqual(kept[0]);
      });

      it("keep nothing for a login or session that has ended, whatever was kept before", async () => {
        expect(await store.enrolments.insertOrGet({ ...ENROLMENT, sessionHash: "unknown" })).toBeUndefined();
        await store.enrolments.insertOrGet(ENROLMENT);
        await store.sessions.end("session", 2_000);
        expect(await store.enrolments.insertOrGet(ENROLMENT)).toBeUndefined();
      });

      it("are listed while their pending login or session is live, and for their account alone", async () => {
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

      it("are taken once", async () => {
        await store.enrolments.insertOrGet(ENROLMENT);
        expect(await race(() => store.enrolments.take("session"))).toBe(1);
        expect(await store.enrolments.of("session")).toBeUndefined();
      });

      it("go when they are old and their pending login is over", async () => {
        await store.enrolments.insertOrGet(ENROLMENT);
        expect(await store.enrolments.prune(4_999, 2, 10)).toBe(0);
        expect(await store.enrolments.prune(5_000, 1, 10)).toBe(0);
        expect(await store.enrolments.prune(5_000, 2, 0)).toBe(0);
        expect(await store.enrolments.prune(5_000, 2, 10)).toBe(1);
      });

      it("are set aside for another, and found as one of the account's earlier ones", async () => {
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

      it("outlive their pending login, the newest first, also when its row has gone", async () => {
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

      it("are forgotten up to a number, but for those that are still being set up", async () => {
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

    describe("recovery codes", () => {
      beforeEach(() => store.accounts.add(BOB));

      it("come in sheets, each number once in an account", async () => {
        await store.recoveryCodes.addSheet(SHEET, CODES);
        await expect(store.recoveryCodes.addSheet(SHEET, ["another"])).rejects.toThrow();
        expect(await store.recoveryCodes.sheetOf("account")).toEqual({ ...SHEET, left: CODES.length });
        await store.recoveryCodes.addSheet({ ...SHEET, accountId: "bob" }, ["bob's"]);
        expect(await store.recoveryCodes.sheetOf("bob")).toMatchObject({ left: 1 });
      });

      it("are found by their account, in order, and by no other", async () => {
        await store.recoveryCodes.addSheet(SHEET, CODES);
        const unspent = { usedAt: null, endedAt: null };
        expect(await store.recoveryCodes.find("account", "code 1")).toEqual({
          sheet: 1,
          position: 1,
          ...unspent,
        });
        expect(await store.recoveryCodes.find("account", "code 3")).toEqual({
          sheet: 1,
          position: 3,
          ...unspent,
        });
        expect(await store.recoveryCodes.find("bob", "code 1")).toBeUndefined();
        expect(await store.recoveryCodes.find("account", "code 4")).toBeUndefined();
      });

      it("are used once, however many type them at the same time", async () => {
        await store.recoveryCodes.addSheet(SHEET, CODES);
        expect(await race((i) => store.recoveryCodes.use("account", "code 2", 2_000 + i))).toBe(1);
        expect((await store.recoveryCodes.find("account", "code 2"))?.usedAt).toBeGreaterThanOrEqual(2_000);
        expect(await store.recoveryCodes.sheetOf("account")).toMatchObject({ left: 2 });
      });

      it("tell which they were when they are used, and are not used by another account", async () => {
        await store.recoveryCodes.addSheet(SHEET, CODES);
        expect(await store.recoveryCodes.use("bob", "code 2", 2_000)).toBeUndefined();
        expect(await store.recoveryCodes.use("account", "code 4", 2_000)).toBeUndefined();
        expect(await store.recoveryCodes.use("account", "code 2", 2_000)).toEqual({
          sheet: 1,
          position: 2,
          usedAt: 2_000,
          endedAt: null,
        });
      });

      it("are not used once they have ended, and end once", async () => {
        await store.recoveryCodes.addSheet(SHEET, CODES);
        await store.recoveryCodes.addSheet({ ...SHEET, accountId: "bob" }, ["bob's"]);
        await store.recoveryCodes.endAll("account", 2_000);
        await store.recoveryCodes.endAll("account", 3_000);
        expect(await store.recoveryCodes.use("account", "code 1", 4_000)).toBeUndefined();
        expect(await store.recoveryCodes.find("account", "code 1")).toMatchObject({
          usedAt: null,
          endedAt: 2_000,
        });
        expect(await store.recoveryCodes.sheetOf("account")).toMatchObject({ left: 0 });
        expect(await store.recoveryCodes.sheetOf("bob")).toMatchObject({ left: 1 });
      });

      it("know their newest sheet, and forget the ones before it", async () => {
        expect(await store.recoveryCodes.sheetOf("account")).toBeUndefined();
        const third = { ...SHEET, number: 3, createdAt: 3_000 };
        await store.recoveryCodes.addSheet(SHEET, ["1"]);
        await store.recoveryCodes.addSheet({ ...SHEET, number: 2, createdAt: 2_000 }, ["2"]);
        await store.recoveryCodes.addSheet(third, ["3 a", "3 b"]);
        await store.recoveryCodes.addSheet({ ...SHEET, accountId: "bob" }, ["bob's"]);
        expect(await store.recoveryCodes.sheetOf("account")).toEqual({ ...third, left: 2 });
        await store.recoveryCodes.forgetBefore("account", 2);
        expect(await store.recoveryCodes.find("account", "1")).toBeUndefined();
        expect(await store.recoveryCodes.find("account", "2")).toMatchObject({ sheet: 2 });
        expect(await store.recoveryCodes.find("account", "3 a")).toMatchObject({ sheet: 3 });
        expect(await store.recoveryCodes.find("bob", "bob's")).toBeDefined();
      });

      it("remember when a sheet was proved first", async () => {
        await store.recoveryCodes.addSheet(SHEET, CODES);
        await store.recoveryCodes.addSheet({ ...SHEET, number: 2 }, ["2"]);
        await store.recoveryCodes.prove("account", 1, 1_500);
        expect(await store.recoveryCodes.sheetOf("account")).toMatchObject({ number: 2, provedAt: null });
        expect(await store.recoveryCodes.prove("account", 2, 2_000)).toBe(true);
        expect(await store.recoveryCodes.prove("account", 2, 3_000)).toBe(false);
        expect(await store.recoveryCodes.sheetOf("account")).toMatchObject({ number: 2, provedAt: 2_000 });
      });
    });

    describe("trusted devices", () => {
      beforeEach(async () => {
        await store.accounts.add(BOB);
        await store.trustedDevices.add(DEVICE);
      });

      it("are used by their account until they expire, and by no other", async () => {
        expect(await store.trustedDevices.use("bob", ["token"], 2_000)).toBe(false);
        expect(await store.trustedDevices.use("account", ["another"], 2_000)).toBe(false);
        expect(await store.trustedDevices.use("account", ["token"], 4_999)).toBe(true);
        expect(await store.trustedDevices.of("account", 4_999, 10)).toEqual([
          { ...DEVICE, lastUsedAt: 4_999 },
        ]);
        expect(await store.trustedDevices.use("account", ["token"], 5_000)).toBe(false);
      });

      it("are listed until they expire, newest first", async () => {
        const newer = { ...DEVICE, id: "a", tokenHash: "a", createdAt: 2_000, expiresAt: 6_000 };
        await store.trustedDevices.add(newer);
        await store.trustedDevices.add({ ...DEVICE, id: "b", tokenHash: "b", accountId: "bob" });
        expect(await store.trustedDevices.of("account", 3_000, 10)).toEqual([newer, DEVICE]);
        expect(await store.trustedDevices.of("account", 5_000, 10)).toEqual([newer]);
      });

      it("are forgotten once, by their account, and by no other", async () => {
        expect(await store.trustedDevices.forget("bob", "device")).toBe(false);
        expect(await race(() => store.trustedDevices.forget("account", "device"))).toBe(1);
        expect(await store.trustedDevices.use("account", ["token"], 2_000)).toBe(false);
      });

      it("are forgotten by their token", async () => {
        await store.trustedDevices.forgetToken("bob", ["token"]);
        await store.trustedDevices.forgetToken("account", ["another"]);
        expect(await store.trustedDevices.of("account", 2_000, 10)).toEqual([DEVICE]);
        await store.trustedDevices.forgetToken("account", ["token"]);
        expect(await store.trustedDevices.of("account", 2_000, 10)).toEqual([]);
      });

      it("are forgotten all together, and no other account's", async () => {
        const bobs = { ...DEVICE, id: "bobs", tokenHash: "bobs", accountId: "bob" };
        await store.trustedDevices.add({ ...DEVICE, id: "second", tokenHash: "second" });
        await store.trustedDevices.add(bobs);
        await store.trustedDevices.forgetAll("account");
        expect(await store.trustedDevices.of("account", 2_000, 10)).toEqual([]);
        expect(await store.trustedDevices.of("bob", 2_000, 10)).toEqual([bobs]);
      });

      it("are pruned a few at a time, once they have expired", async () => {
        for (const id of ["a", "b"]) await store.trustedDevices.add({ ...DEVICE, id, tokenHash: id });
        await store.trustedDevices.add({ ...DEVICE, id: "live", tokenHash: "live", expiresAt: 9_000 });
        expect(await store.trustedDevices.prune(4_999, 2)).toBe(0);
        expect(await store.trustedDevices.prune(5_000, 2)).toBe(2);
        expect(await store.trustedDevices.prune(5_000, 2)).toBe(1);
        expect(await store.trustedDevices.use("account", ["live"], 5_000)).toBe(true);
      });
    });

    describe("the history", () => {
      const ids = async (limit: number, offset: number) =>
        (await store.history.of("account", limit, offset)).map((line) => line.id);

      it("gives back what was written, and to no other account", async () => {
        await store.accounts.add(BOB);
        const line = { ...LINE, reason: "wrong", subject: "Pixel 9", byOperator: true, byName: "olga" };
        await store.history.add(line);
        await store.history.add({ ...LINE, id: "bobs", accountId: "bob" });
        expect(await store.history.of("account", 10, 0)).toEqual([line]);
        expect(await store.history.of("bob", 10, 0)).toEqual([{ ...LINE, id: "bobs", accountId: "bob" }]);
      });

      it("keeps nothing of a line for a name that does not exist", async () => {
        const { accountId: _none, ...line } = LINE;
        await store.history.addNone(line);
        expect(await store.history.of("account", 10, 0)).toEqual([]);
        expect(await store.history.prune(9_000, 10)).toBe(0);
      });

      it("is read in pages, newest first", async () => {
        for (const at of [1, 3, 2, 5, 4]) await store.history.add({ ...LINE, id: `at ${at}`, at });
        expect(await ids(2, 0)).toEqual(["at 5", "at 4"]);
        expect(await ids(2, 2)).toEqual(["at 3", "at 2"]);
        expect(await ids(2, 4)).toEqual(["at 1"]);
        expect(await ids(2, 6)).toEqual([]);
      });

      it("keeps the order of what one transaction writes in the same millisecond", async () => {
        await store.transaction(async (tx) => {
          for (const id of ["b", "c", "a"]) await tx.history.add({ ...LINE, id });
        });
        expect(await ids(10, 0)).toEqual(["a", "c", "b"]);
      });

      it("counts lines of some types after a moment", async () => {
        await store.accounts.add(BOB);
        const lines = [
          { id: "1", at: 1_000, type: "code-refused" },
          { id: "2", at: 1_001, type: "code-refused" },
          { id: "3", at: 1_002, type: "password-refused" },
          { id: "4", at: 1_003, type: "signed-in" },
          { id: "5", at: 1_004, type: "code-refused", accountId: "bob" },
        ];
        for (const line of lines) await store.history.add({ ...LINE, ...line });
        const refusals = ["code-refused", "password-refused"];
        const countSince = async (types: string[], after: number) =>
          Object.fromEntries(await store.history.countSince("account", types, after));
        expect(await countSince(refusals, 1_000)).toEqual({ "code-refused": 1, "password-refused": 1 });
        expect(await countSince(refusals, 1_002)).toEqual({});
        expect(await countSince(["signed-in"], 0)).toEqual({ "signed-in": 1 });
      });

      it("is pruned a few lines at a time, once they are old", async () => {
        for (const at of [1, 2, 3, 4]) await store.history.add({ ...LINE, id: `at ${at}`, at });
        expect(await store.history.prune(4, 2)).toBe(2);
        expect(await store.history.prune(4, 2)).toBe(1);
        expect(await store.history.prune(4, 2)).toBe(0);
        expect(await ids(10, 0)).toEqual(["at 4"]);
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
          expect(await store.throttle.delayedUntil(["pool"], now)).toBe(now + delay);
          expect((await store.throttle.count("pool", RULE, now + delay - 1)).counted).toBe(false);
          now += delay;
          expect(await store.throttle.delayedUntil(["pool"], now)).toBeUndefined();
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
        const counted = await store.throttle.count("second-factor", windowed, 1_000, "account");
        expect(counted).toEqual({ counted: true, since: 1_000 });
        await store.throttle.count("second-factor", windowed, 1_100, "account");
        await store.throttle.refund("second-factor", 1_000);
        expect(await store.throttle.standing("account")).toBe(1);
        await store.throttle.refund("second-factor", 1_100);
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
        expect(await store.throttle.delayedUntil(["pool"], 1_100)).toBeUndefined();
        expect(await store.throttle.prune(1_200, 10)).toBe(1);
      });

      it("adds up what stands against an account over its second-factor pools, until it is cleared", async () => {
        const pools = ["second-factor 1", "second-factor 1", "second-factor 2", "password 1"];
        for (const pool of pools) await store.throttle.count(pool, RULE, 1, "account");
        await store.throttle.count("second-factor 3", RULE, 1, "other");
        expect(await store.throttle.standing("account")).toBe(3);
        await store.throttle.clearAccount("account");
        expect(await store.throttle.standing("account")).toBe(0);
        expect(await store.throttle.standing("other")).toBe(1);
      });

      it("tells of one second-factor pool its delay, and of all of them together the failures", async () => {
        expect(await store.throttle.secondFactor("account", "second-factor 1")).toEqual({
          failures: 0,
          delayedUntil: 0,
        });
        for (let i = 0; i < 3; i++) await store.throttle.count("second-factor 1", RULE, 1, "account");
        await store.throttle.count("second-factor 2", RULE, 1, "account");
        await store.throttle.count("password 1", RULE, 1, "account");
        const delayedUntil = 1 + MINUTE;
        expect(await store.throttle.secondFactor("account", "second-factor 1")).toEqual({
          failures: 4,
          delayedUntil,
        });
        expect(await store.throttle.secondFactor("account", "second-factor 2")).toEqual({
          failures: 4,
          delayedUntil: 0,
        });
      });

      it("tells the longest of several delays", async () => {
        for (let i = 0; i < 3; i++) await store.throttle.count("one", RULE, 1);
        for (let i = 0; i < 3; i++) await store.throttle.count("other", RULE, 2);
        expect(await store.throttle.delayedUntil(["other", "one", "none"], 3)).toBe(2 + MINUTE);
        expect(await store.throttle.delayedUntil(["one", "other"], 1 + MINUTE)).toBe(2 + MINUTE);
        expect(await store.throttle.delayedUntil(["none"], 3)).toBeUndefined();
      });

      it("clears every pool of an account, those of its passwords too", async () => {
        for (let i = 0; i < 3; i++) await store.throttle.count("password 1", RULE, 1, "account");
        await store.throttle.clearAccount("account");
        expect(await store.throttle.delayedUntil(["password 1"], 1)).toBeUndefined();
      });

      it("clears all pools of an account but one", async () => {
        const pools = ["second-factor account", "second-factor account browser", "password account browser"];
        for (const pool of pools) await store.throttle.count(pool, RULE, 1, "account");
        await store.throttle.clearAccount("account", "second-factor account");
        expect(await store.throttle.standing("account")).toBe(1);
      });
    });

    driftsContract(() => store, ACCOUNT);
    eventsContract(() => store, ACCOUNT);

    it("undoes all of a transaction that fails", async () => {
      const failing = store.transaction(async (tx) => {
        await tx.throttle.count("second-factor", RULE, 1_000, "account");
        throw new Error("changed my mind");
      });
      await expect(failing).rejects.toThrow("changed my mind");
      expect(await store.throttle.standing("account")).toBe(0);
    });

    it("keeps transactions apart that lock the same account", async () => {
      await Promise.all(
        Array.from({ length: 20 }, () =>
          store.transaction(async (tx) => {
            await tx.accounts.lockRow("account");
            const standing = await tx.throttle.standing("account");
            await tx.throttle.count(`second-factor ${standing}`, RULE, 1_000, "account");
          }),
        ),
      );
      expect(await store.throttle.standing("account")).toBe(20);
    });
  });
}
