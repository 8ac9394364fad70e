/**
 * Step-up: proves both factors again inside a session, before a sensitive change (NIST SP 800-63B-4 §2.2.3, ASVS 5.0 7.5.1).
 * Tests: test/security/step-up.test.ts, test/security/step-up-race.test.ts, test/security/password-proof.test.ts
 */
import { type AuthContext, aboutOf, type Client } from "../context.js";
import { MAX_TOMBSTONES } from "../policy.js";
import { giveCodes, takeCodes } from "../recovery/codes-on-show.js";
import { type NotACode, notACode } from "../recovery/not-a-code.js";
import type { UsedRecoveryCode } from "../recovery/recovery-codes.js";
import { type Refusal, refusalEvent } from "../refusal.js";
import { inSession } from "../sessions/in-session.js";
import { type NewSession, openSession, type Session } from "../sessions/sessions.js";
import type { Store } from "../store.js";
import { reserveCodeAttempt } from "../throttle/code-attempts.js";
import { knownBrowserCookie } from "../throttle/known-browsers.js";
import { endOf, isStillProved, passwordAcceptedUntil, provePassword } from "./password-proof.js";
import {
  normalisedCode,
  proveSecondFactor,
  readSecondFactor,
  recoveryCodeUsedEvent,
  type TypedFactor,
} from "./second-factor.js";

export type StepUp =
  | {
      outcome: "confirmed";
      /** The session continues under this id; the old one has ended (ASVS 5.0 7.2.4). */
      session: NewSession;
      knownBrowserCookie: string;
      recoveryCode: UsedRecoveryCode | undefined;
    }
  | NotConfirmed
  | { outcome: "expired" };

type NotConfirmed = (
  | NotACode
  | { outcome: "password-refused" }
  /** No password was typed, and no earlier proof of it holds. */
  | { outcome: "password-missing" }
  | { outcome: "delayed"; until: number }
  | Refusal
  | { outcome: "locked" }
) & {
  /** Until when the password need not be typed again, in Unix milliseconds. */
  passwordUntil?: number | undefined;
};

/**
 * Checks the password, where the session was opened by one, and, only if it is right, the second factor. A password that was right a moment ago in this session need
 * not be typed again. @param proof.password empty if it was not typed @throws Overloaded, StoreUnavailable, SealError
 */
export async function stepUp(
  auth: AuthContext,
  session: Session,
  proof: { password: string; secondFactor: TypedFactor },
  client: Client,
): Promise<StepUp> {
  const factor = readSecondFactor(proof.secondFactor);
  if (factor === undefined)
    return { ...notACode(proof.secondFactor), passwordUntil: passwordAcceptedUntil(auth, session) };
  const about = aboutOf(session, client);
  const password = asksPassword(session)
    ? await provePassword(auth, session, proof.password, client)
    : undefined;
  if (password && password.outcome !== "proved") return password;
  const passwordUntil = password && endOf(password.proof);

  const code = normalisedCode(proof.secondFactor, factor);
  const reserved = await reserveCodeAttempt(auth, { owner: session, form: "step-up", code }, client);
  if (reserved.outcome === "repeated") return { ...reserved.refusal, passwordUntil };
  if (reserved.outcome === "locked") return { outcome: "locked", passwordUntil };
  if (reserved.outcome === "expired") return reserved;
  const expired: StepUp = { outcome: "expired" };
  const result = await inSession(
    auth,
    session,
    expired,
    async ({ auth, account, store, record }): Promise<StepUp> => {
      if (password && !isStillProved(auth, account, password.proof)) return { outcome: "password-missing" };
      const proved = await proveSecondFactor(auth, store, account.id, factor);
      if (proved.outcome !== "proved") {
        await record({ ...refusalEvent(proved), ...about });
        await reserved.attempt.rememberRefusal(store, proved);
        return { ...proved, passwordUntil };
      }
      const methods = password ? `password ${proved.method}` : proved.method;
      const opened = await continueSession(auth, store, session, methods, client);
      if (proved.recoveryCode) await record({ ...recoveryCodeUsedEvent(proved.recoveryCode), ...about });
      await record({ type: "stepped-up", reason: methods, ...about });
      await reserved.attempt.clear(store);
      return {
        outcome: "confirmed",
        session: opened,
        knownBrowserCookie: knownBrowserCookie(auth, account, client, session.loginName),
        recoveryCode: proved.recoveryCode,
      };
    },
  );
  const isEvaluated = result.outcome !== "expired" && result.outcome !== "password-missing";
  if (!isEvaluated) await reserved.attempt.refund();
  return result;
}

/**
 * Whether a step-up in this session asks for a password: if one opened it. A host app's own sign-in can only be asked for by the
 * app, so there the second factor alone is proved.
 */
export function asksPassword({ methods }: { methods: readonly string[] }): boolean {
  return methods.includes("password");
}

/**
 * Ends the session and continues it under a new id, together with an authenticator that is being set up in it and recovery codes
 * that it shows.
 */
async function continueSession(
  auth: AuthContext,
  store: Store,
  session: Session,
  methods: string,
  client: Client,
): Promise<NewSession> {
  const enrolment = await store.enrolments.of(session.idHash);
  await store.enrolments.take(session.idHash);
  const { accountId, family } = session;
  const codes = await takeCodes(auth, store, session);
  // Many step-ups in one session must not push out the account's other sessions.
  await store.sessions.trimTombstones(accountId, family, MAX_TOMBSTONES - 1);
  await store.sessions.end(session.idHash, auth.clock(), "session");
  const opening = { kind: "session", accountId, methods, from: session, next: undefined, client } as const;
  const opened = await openSession(auth, store, opening);
  if (codes) await giveCodes(auth, store, { accountId, idHash: opened.idHash }, codes);
  if (enrolment) await store.enrolments.insertOrGet({ ...enrolment, sessionHash: opened.idHash });
  return opened;
}
