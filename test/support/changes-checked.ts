/** Whether each of the four changes of changes-in-flight.ts happened, and that it can happen once only. */
import { expect } from "vitest";
import type { PendingLogin } from "../../src/auth/index.js";
import { RECOVERY_CODES } from "../../src/auth/policy.js";
import type { Change } from "./changes-in-flight.js";
import { NEW_PASSWORD, type Opened, PASSWORD, type Prepared } from "./changes-prepared.js";

type Check = (opened: Opened, prepared: Prepared, hint: string) => Promise<boolean>;

/** Answers whether a change was done. Either way it expects that the change can be done once in all. */
export const CHECKS: Record<Change, Check> = {
  async "sign-in"({ auth, store }, { begun, names, client }, hint) {
    const isDone = (await sessionsOf(store, names["sign-in"])) === 2;
    const { username, password, otp } = begun["sign-in"];
    const type = async () => {
      const began = await auth.startLogin({ username, password, next: undefined }, client);
      if (began.outcome !== "password-accepted") return began;
      return auth.completeLogin(
        (await auth.findSession(began.pendingLogin.id)) as PendingLogin,
        { otp },
        client,
      );
    };
    if (!isDone) expect(await type(), hint).toMatchObject({ outcome: "signed-in" });
    expect(await type(), hint).toMatchObject({ outcome: "code-refused", reason: "used" });
    return isDone;
  },

  async "set-up"({ auth, store }, { begun, names, client }, hint) {
    const { login, otp } = begun["set-up"];
    const isDone = (await store.authenticators.of(names["set-up"])).length === 1;
    if (!isDone) {
      // The same page with the same secret still works.
      const again = await auth.completeLogin(
        (await auth.findSession(login)) as PendingLogin,
        { otp },
        client,
      );
      expect(again, hint).toMatchObject({ outcome: "signed-in" });
      expect("sheet" in again && again.sheet?.codes.length, hint).toBe(RECOVERY_CODES);
    }
    expect(await auth.findSession(login), hint).toEqual({ kind: "anonymous" });
    const began = await auth.startLogin(
      { username: names["set-up"], password: PASSWORD, next: undefined },
      client,
    );
    const pending = began.outcome === "password-accepted" ? began.pendingLogin.id : "";
    expect(
      await auth.completeLogin((await auth.findSession(pending)) as PendingLogin, { otp }, client),
      hint,
    ).toMatchObject({ outcome: "code-refused", reason: "used" });
    return isDone;
  },

  async recovery({ auth, store }, { begun, names, client }, hint) {
    const isDone = (await sessionsOf(store, names.recovery)) === 2;
    const { recoveryCode } = begun.recovery;
    const type = async () => {
      const credentials = { username: names.recovery, password: PASSWORD, next: undefined };
      const began = await auth.startLogin(credentials, client);
      if (began.outcome !== "password-accepted") return began;
      const login = (await auth.findSession(began.pendingLogin.id)) as PendingLogin;
      return auth.completeLogin(login, { recoveryCode }, client);
    };
    if (!isDone) expect(await type(), hint).toMatchObject({ outcome: "signed-in" });
    expect(await type(), hint).toMatchObject({ outcome: "recovery-code-refused", reason: "used" });
    expect((await store.recoveryCodes.sheetOf(names.recovery))?.left, hint).toBe(RECOVERY_CODES - 1);
    return isDone;
  },

  async "password-change"({ auth, store }, { begun, names, other, client }, hint) {
    const username = names["password-change"];
    const type = (password: string) => auth.startLogin({ username, password, next: undefined }, client);
    const isDone = (await type(NEW_PASSWORD)).outcome === "password-accepted";
    const old = await type(PASSWORD);
    expect(old.outcome, hint).toBe(isDone ? "refused" : "password-accepted");
    expect((await auth.findSession(other))?.kind, hint).toBe(isDone ? "anonymous" : "pending");
    expect((await store.accounts.byId(username))?.credentialVersion, hint).toBe(isDone ? 1 : 0);
    // The session that changed it, or was about to, stays.
    expect((await auth.findSession(begun["password-change"].session))?.kind, hint).toBe("session");
    return isDone;
  },
};

/** How many sessions this account has had. */
async function sessionsOf(store: Opened["store"], accountId: string): Promise<number> {
  return (await store.sessions.live(accountId, Date.now(), 0, 1_000)).length;
}
