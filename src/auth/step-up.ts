/** Step-up: proving both factors again inside a session, before a sensitive change (NIST SP 800-63B-4 §2.2.3, ASVS 5.0 7.5.1). */
import { type AuthContext, aboutOf, type Client } from "./context.js";
import { proveCurrentPassword } from "./current-password.js";
import { browserToken } from "./known-browsers.js";
import type { UsedRecoveryCode } from "./recovery-codes.js";
import {
  proveSecondFactor,
  type Refusal,
  readSecondFactor,
  refusalEvent,
  type Typed,
} from "./second-factor.js";
import { type NewSession, openSession, type Session } from "./sessions.js";
import { type SecondFactorLock, secondFactorLock, secondFactorTurn } from "./throttle.js";
import { inTransaction } from "./transaction.js";

export type StepUp =
  | {
      outcome: "confirmed";
      /** The session goes on under this id; the old one is over (ASVS 5.0 7.2.4). */
      session: NewSession;
      browser: string;
      recoveryCode: UsedRecoveryCode | undefined;
    }
  | { outcome: "not-a-code" }
  | { outcome: "password-refused" }
  | { outcome: "delayed"; until: number }
  | Refusal
  | { outcome: "locked" }
  | { outcome: "expired" };

/** Checks the password and then, only behind it, the second factor. @throws Overloaded, StoreUnavailable, SealError */
export async function stepUp(
  auth: AuthContext,
  session: Session,
  proof: { password: string; secondFactor: Typed },
  client: Client,
): Promise<StepUp> {
  const factor = readSecondFactor(proof.secondFactor);
  if (factor === undefined) return { outcome: "not-a-code" };
  const about = aboutOf(session, client);
  const password = await proveCurrentPassword(auth, session, proof.password, client);
  if (password.outcome !== "proved") return password;

  const { account } = password;
  const turn = await secondFactorTurn(auth, account, client);
  if (turn.outcome === "locked") return turn;
  const result = await inTransaction(auth, async ({ store, record, undo }): Promise<StepUp> => {
    const proved = await proveSecondFactor(auth, store, account.id, factor);
    if (proved.outcome !== "proved") {
      await record({ ...refusalEvent(proved), ...about });
      return proved;
    }
    // An authenticator being set up in this session goes on with it.
    const enrolment = await store.enrolments.of(session.idHash);
    if (enrolment) await store.enrolments.take(session.idHash);
    const isLive =
      (await store.accounts.hold(account.id, account.passwordHash)) &&
      (await store.sessions.end(session.idHash, auth.clock(), "session"));
    if (!isLive) return undo({ outcome: "expired" });
    const methods = `password ${proved.method}`;
    const opened = await openSession(auth, store, {
      kind: "session",
      accountId: account.id,
      methods,
      from: session,
      next: undefined,
      client,
    });
    if (enrolment) await store.enrolments.keep({ ...enrolment, sessionHash: opened.idHash });
    await record({ type: "stepped-up", reason: methods, ...about });
    await turn.attempt.succeed(store);
    const browser = browserToken(auth, account, client);
    return { outcome: "confirmed", session: opened, browser, recoveryCode: proved.recoveryCode };
  });
  if (result.outcome === "expired") await turn.attempt.withdraw();
  return result;
}

/** Whether codes from this browser are refused unseen at the moment, and until when. */
export async function sessionLock(
  auth: AuthContext,
  session: Session,
  client: Client,
): Promise<SecondFactorLock | undefined> {
  const account = await auth.store.accounts.byId(session.accountId);
  return account && secondFactorLock(auth, account, client);
}
