/** Accounts in any store: names, passwords, the second factor, the list, removal. */
import { describe, expect, it } from "vitest";
import { race, store } from "./opened.js";
import {
  ACCOUNT,
  AUTHENTICATOR,
  BOB,
  CODES,
  DEVICE,
  ENROLMENT,
  LINE,
  MINUTE,
  RULE,
  SHEET,
  sessionRow,
} from "./rows.js";

export function accountsContract(): void {
  describe("accounts", () => {
    it("finds an account by name and by id", async () => {
      expect(await store.accounts.byUsername("alice")).toEqual(ACCOUNT);
      expect(await store.accounts.byId("account")).toEqual(ACCOUNT);
      expect(await store.accounts.byUsername("bob")).toBeUndefined();
    });

    it("refuses a second account of the same name", async () => {
      expect(await store.accounts.add({ ...ACCOUNT, id: "other" })).toBe(false);
      expect(await store.accounts.byId("other")).toBeUndefined();
    });

    it("locks a row without changing it", async () => {
      expect(await store.transaction((tx) => tx.accounts.lockRow("account"))).toEqual(ACCOUNT);
      expect(await store.transaction((tx) => tx.accounts.lockRow("nobody"))).toBeUndefined();
      expect(await store.accounts.byId("account")).toEqual(ACCOUNT);
    });

    it("shows what the transaction before wrote once it gets the row lock", async () => {
      const changing = store.transaction(async (tx) => {
        await tx.accounts.lockRow("account");
        await tx.accounts.setPassword("account", "new");
        await tx.accounts.setDisabled("account", 5);
      });
      const next = store.transaction((tx) => tx.accounts.lockRow("account"));
      await changing;
      expect(await next).toMatchObject({ passwordHash: "new", disabledAt: 5 });
    });

    it("starts the second factor once when fifty ask at the same time", async () => {
      expect(await race((i) => store.accounts.startSecondFactor("account", i))).toBe(1);
    });

    it("disables and enables an account once when fifty ask at the same time", async () => {
      expect(await store.accounts.setDisabled("account", null)).toBe(false);
      expect(await race((i) => store.accounts.setDisabled("account", i + 1))).toBe(1);
      expect(await race(() => store.accounts.setDisabled("account", null))).toBe(1);
      expect(await store.accounts.byId("account")).toEqual(ACCOUNT);
      expect(await store.accounts.setDisabled("nobody", 5)).toBe(false);
    });

    it("replaces the password hash and nothing else", async () => {
      await store.accounts.setPassword("account", "given");
      expect(await store.accounts.byId("account")).toEqual({ ...ACCOUNT, passwordHash: "given" });
    });

    it("raises the credential version by one each time and returns the new one", async () => {
      const epochs = await Promise.all(
        Array.from({ length: 50 }, () => store.accounts.raiseCredentialVersion("account")),
      );
      expect(epochs.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
      await store.accounts.add(BOB);
      expect(await store.accounts.raiseCredentialVersion("bob")).toBe(1);
    });

    it("starts the second factor again after a reset", async () => {
      await store.accounts.startSecondFactor("account", 5);
      await store.accounts.resetSecondFactor("account");
      expect(await store.accounts.byId("account")).toMatchObject({ secondFactorSince: null });
      expect(await store.accounts.startSecondFactor("account", 6)).toBe(true);
    });

    it("numbers enrolments from 1, each number once, also after a reset", async () => {
      const numbers = await Promise.all(
        Array.from({ length: 50 }, () => store.accounts.nextEnrolment("account")),
      );
      expect(numbers.sort((a = 0, b = 0) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
      await store.accounts.resetSecondFactor("account");
      expect(await store.accounts.nextEnrolment("account")).toBe(51);
      expect(await store.accounts.nextEnrolment("nobody")).toBeUndefined();
    });

    it("remembers the last sign-in", async () => {
      await store.accounts.noteSignIn("account", 7);
      expect((await store.accounts.byId("account"))?.lastSignInAt).toBe(7);
    });

    it("counts the demo account as no account", async () => {
      await store.accounts.remove("account");
      expect(await store.accounts.any()).toBe(false);
      await store.accounts.add({ ...BOB, isDemo: true });
      expect(await store.accounts.any()).toBe(false);
      await store.accounts.add(ACCOUNT);
      expect(await store.accounts.any()).toBe(true);
    });

    it("lists accounts by name, each with its own authenticators, codes, failures and delay", async () => {
      await store.accounts.add({ ...BOB, username: "aaron" });
      await store.authenticators.add(AUTHENTICATOR);
      await store.authenticators.add({ ...AUTHENTICATOR, id: "second", number: 2 });
      await store.recoveryCodes.addSheet(SHEET, CODES);
      await store.recoveryCodes.use("account", "code 1", 2_000);
      for (const pool of ["second-factor a", "second-factor b", "password a"]) {
        for (let i = 0; i < 4; i++) await store.throttle.count(pool, RULE, i * MINUTE, "account");
      }
      await store.throttle.count("second-factor b", RULE, 10 * MINUTE, "account");
      const nothing = {
        authenticators: 0,
        recoveryCodes: 0,
        invitationExpiresAt: null,
        failures: 0,
        delayedUntil: null,
      };
      expect(await store.accounts.list()).toEqual([
        { ...BOB, username: "aaron", ...nothing },
        {
          ...ACCOUNT,
          authenticators: 2,
          recoveryCodes: 2,
          invitationExpiresAt: null,
          failures: 9,
          delayedUntil: 12 * MINUTE,
        },
      ]);
      await store.recoveryCodes.endAll("account", 3_000);
      expect((await store.accounts.list())[1]?.recoveryCodes).toBe(0);
    });

    it("lists no delay when none has begun", async () => {
      await store.throttle.count("second-factor a", RULE, 1, "account");
      expect(await store.accounts.list()).toMatchObject([{ failures: 1, delayedUntil: null }]);
    });

    it("removes an account once, with everything that it owns", async () => {
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

    it("ignores requests that come after the removal", async () => {
      await store.sessions.open(sessionRow());
      await store.accounts.remove("account");
      await store.history.add(LINE);
      expect(await store.enrolments.insertOrGet(ENROLMENT)).toBeUndefined();
      expect(await store.sessions.isLive("session", 2_000)).toBe(false);
      await store.accounts.noteSignIn("account", 1);
      await store.accounts.resetSecondFactor("account");
    });
  });
}
