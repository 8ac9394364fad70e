/** Faults half-way: a change that fails in the middle is rolled back, and the next attempt does all of it. */
import { describe, expect, it } from "vitest";
import { StoreUnavailable } from "../../src/auth/index.js";
import type { Store } from "../../src/auth/store.js";
import { authenticatorsOf, beginAuthenticator, NEW_AUTHENTICATOR as NEW } from "../support/authenticators.js";
import { openDatabase } from "../support/other-program.js";
import { CURRENT_CODES, setUp } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

const OTHERS_OUT =
  "accounts.raiseCredentialVersion sessions.revokeAllExcept trustedDevices.forgetAll history.add";

/** Each change: its path, its fields, and the calls of the store that it needs. */
const CHANGES: Record<
  string,
  [path: string, fields: (code: string) => Record<string, string>, calls: string]
> = {
  "adding an authenticator": [NEW, (otp) => ({ otp }), `enrolments.take authenticators.add ${OTHERS_OUT}`],
  "replacing one": [
    `${NEW}?replaces=ID`,
    (otp) => ({ otp }),
    `enrolments.take authenticators.remove authenticators.add ${OTHERS_OUT}`,
  ],
  "changing the password": [
    "/account/password",
    () => ({ current_password: "password", new_password: "a quiet orange harbour" }),
    `accounts.setPassword ${OTHERS_OUT}`,
  ],
  "making recovery codes": [
    "/account/recovery-codes",
    () => ({ sheet: "2" }),
    "recoveryCodes.endAll recoveryCodes.addSheet recoveryCodes.forgetBefore recoveryCodes.hide recoveryCodes.show history.add",
  ],
  "confirming both factors": [
    "/confirm",
    (otp) => ({ password: "password", otp }),
    "authenticators.spendStep sessions.end sessions.open recoveryCodes.show enrolments.take enrolments.insertOrGet history.add throttle.clear",
  ],
};

/** Makes a call of the store fail inside transactions; the returned function restores it. */
function breakCall(world: World, call: string): () => void {
  const [part = "", name = ""] = call.split(".");
  const real = world.store.transaction;
  world.store.transaction = (work) =>
    real((store) => {
      const calls = store[part as keyof Store] as unknown as Record<string, unknown>;
      if (!(name in calls)) throw new Error(`There is no ${call}.`);
      calls[name] = () => Promise.reject(new StoreUnavailable("no"));
      return work(store);
    });
  return () => {
    world.store.transaction = real;
  };
}

describe("a change that fails half-way", () => {
  it.each(Object.entries(CHANGES))(
    "is done whole or not at all: %s",
    async (what, [address, fields, calls]) => {
      const world = await openWorld();
      const visitor = world.visitor();
      const old = await setUp(world, visitor);
      const added = await beginAuthenticator(visitor);
      const [authenticator] = await authenticatorsOf(world);
      const path = address.replace("ID", authenticator?.id ?? "");
      const sent = fields(world.code(what.startsWith("confirming") ? old : added));

      const database = openDatabase(world);
      const tables =
        "accounts authenticators enrolments recovery_sheets recovery_codes sessions history".split(" ");
      const stored = () =>
        tables.map((name) => database.prepare(`select * from ${name} order by 1, 2`).all());
      const before = stored();
      for (const call of calls.split(" ")) {
        const mend = breakCall(world, call);
        expect((await visitor.post(path, sent)).status, call).toBe(503);
        mend();
        // The failed attempt stays counted, until the operator unlocks the account.
        await world.auth.unlockAccount("test");
        database.exec("delete from history where type = 'account-unlocked'");
        // So does the proof of the password, which comes before the code and a transaction of its own.
        database.exec("update sessions set password_proved_at = null, password_proved_epoch = null");
        expect(stored(), call).toEqual(before);
      }
      const done = await visitor.post(path, sent);
      expect(done.status).toBe(303);
      expect(done.headers.location).toBe(what === "making recovery codes" ? CURRENT_CODES : "/account");
      expect(stored()).not.toEqual(before);
    },
  );
});
