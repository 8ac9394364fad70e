/**
 * The second step: a code, two codes in a row or a recovery code opens the session. The first code of a new app confirms its
 * set-up.
 * Tests: test/web/pages/login-2fa.test.ts, test/security/guessing-codes.test.ts, test/security/replay.test.ts
 */

import { acceptCode } from "../authenticators/accept-code.js";
import { defaultName } from "../authenticators/authenticator-name.js";
import {
  type AuthenticatorView,
  authenticatorsOf,
  insertAuthenticator,
} from "../authenticators/authenticators.js";
import { type AuthContext, aboutOf, type Client } from "../context.js";
import { type NewSheet, showCodes } from "../recovery/codes-on-show.js";
import { type NotACode, notACode } from "../recovery/not-a-code.js";
import { makeSheet, type UsedRecoveryCode } from "../recovery/recovery-codes.js";
import { type Refusal, refusalEvent } from "../refusal.js";
import {
  type MakeSessionData,
  type NewSession,
  openSession,
  type PendingLogin,
} from "../sessions/sessions.js";
import { trustDevice } from "../sessions/trusted-devices.js";
import type { Store } from "../store.js";
import { reserveCodeAttempt } from "../throttle/code-attempts.js";
import { knownBrowserCookie } from "../throttle/known-browsers.js";
import { type Lockout, lockoutOf } from "../throttle/lockout.js";
import { onAccount } from "../transaction.js";
import {
  checkEnrolment,
  type EnrolmentView,
  enrolmentOf,
  isCodeOf,
  refuseOtherDigits,
} from "./enrolments.js";
import { firstFactorOf } from "./first-factor.js";
import {
  normalisedCode,
  type Proved,
  proveSecondFactor,
  readSecondFactor,
  recoveryCodeUsedEvent,
  type SecondFactor,
  type TypedFactorOrPair,
} from "./second-factor.js";
import { recordSignIn, type SignInSummary } from "./summary.js";
import { forgetUnfinished } from "./unfinished-logins.js";

/** What the second step asks for. */
export type SecondStep =
  | { step: "set-up"; enrolment: EnrolmentView; lock: Lockout | undefined }
  | { step: "code"; authenticators: AuthenticatorView[]; lock: Lockout | undefined }
  /** The operator reset the second factor: only the holder of the link may set up another. */
  | { step: "link-needed" }
  /** The pending login has ended meanwhile. */
  | { step: "expired" };

/** What the second step asks this pending login for: a set-up, a code, or a new start. @throws StoreUnavailable, SealError */
export async function secondStep(
  auth: AuthContext,
  login: PendingLogin,
  client: Client,
): Promise<SecondStep> {
  const account = await auth.store.accounts.byId(login.accountId);
  if (!account) return { step: "expired" };
  const lock = await lockoutOf(auth, account, client);
  const authenticators = await authenticatorsOf(auth, login);
  if (authenticators.length > 0) return { step: "code", authenticators, lock };
  // Before a secret is made: a leaked password must not come to see one.
  if (account.needsLink && !auth.users) return { step: "link-needed" };
  const enrolment = await enrolmentOf(auth, login);
  return enrolment ? { step: "set-up", enrolment, lock } : { step: "expired" };
}

export interface SignedIn {
  outcome: "signed-in";
  session: NewSession;
  next: string | undefined;
  summary: SignInSummary;
  /** The device cookie for this browser, now known. */
  knownBrowserCookie: string;
  /** The token of a browser that is now a trusted device. */
  trustedDevice: string | undefined;
  /** After the first set-up: the recovery codes, which the session shows for a while. */
  sheet: NewSheet | undefined;
  /** The recovery code that was spent. */
  recoveryCode: UsedRecoveryCode | undefined;
}

export type CompleteLogin =
  | SignedIn
  | NotACode
  | Refusal
  | { outcome: "locked" }
  | { outcome: "link-needed" }
  | { outcome: "expired" };

/** What a sign-in yields besides its session. */
export type SignInDetails = Pick<SignedIn, "summary" | "sheet" | "recoveryCode">;

export interface LoginOptions {
  /** Whether this browser shall be a trusted device. */
  trustDevice?: boolean;
  sessionData?: MakeSessionData<SignInDetails>;
}

/**
 * Checks a second factor, or the first code of the authenticator being set up, and opens the session.
 * @throws StoreUnavailable, SealError
 */
export async function completeLogin(
  auth: AuthContext,
  login: PendingLogin,
  typed: TypedFactorOrPair,
  client: Client,
  { trustDevice: wantsTrust = false, sessionData = () => "" }: LoginOptions = {},
): Promise<CompleteLogin> {
  if (login.isSettingUp && login.needsLink && !auth.users) return { outcome: "link-needed" };
  const factor = readSecondFactor(typed);
  if (factor === undefined) return refuseUnreadable(auth, login, typed, client);
  const about = aboutOf(login, client);
  const code = normalisedCode(typed, factor);
  const reserved = await reserveCodeAttempt(auth, { owner: login, form: "sign-in", code }, client);
  if (reserved.outcome === "repeated") return reserved.refusal;
  if (reserved.outcome !== "allowed") return reserved;

  const expired: CompleteLogin = { outcome: "expired" };
  const result = await onAccount(auth, login.accountId, expired, async (on): Promise<CompleteLogin> => {
    const { auth, account, store, record } = on;
    const isLive = await store.sessions.isLive(login.idHash, auth.clock());
    if (account.disabledAt !== null || !isLive) return expired;
    // The row as it is now: the reset may have come after this request was read.
    if (account.needsLink && !auth.users && account.secondFactorSince === null) return expired;
    const proved = await prove(auth, store, login, factor);
    if (proved.outcome === "expired") return proved;
    if (proved.outcome !== "proved") {
      await record({ ...refusalEvent(proved), ...about });
      await reserved.attempt.rememberRefusal(store, proved);
      return proved;
    }
    await forgetUnfinished(store, login);
    const firstFactor = firstFactorOf(login);
    const trust = wantsTrust && auth.policy.trustedDevice > 0;
    const trustedDevice = trust ? await trustDevice(auth, store, account.id, client) : undefined;
    const details: SignInDetails = {
      summary: await recordSignIn(auth, store, account, firstFactor, login),
      sheet: proved.setUp?.sheet,
      recoveryCode: proved.recoveryCode,
    };
    const session = await replacePendingLogin(auth, store, login, {
      method: proved.method,
      data: sessionData(details),
      client,
    });
    if (proved.setUp) {
      const owner = { accountId: account.id, idHash: session.idHash };
      await showCodes(auth, store, owner, { sheet: proved.setUp.sheet, next: login.next, isFirst: true });
      // A change of the second factor ends links, the first one too.
      await store.links.endAll(account.id, auth.clock());
      await store.sessions.shortenPending(account.id, auth.policy.pendingLogin);
      await record({ type: "authenticator-set-up", subject: proved.setUp.name, ...about });
      await record({ type: "recovery-codes-made", subject: String(proved.setUp.sheet.number), ...about });
    }
    if (proved.recoveryCode) await record({ ...recoveryCodeUsedEvent(proved.recoveryCode), ...about });
    if (proved.resynchronised !== undefined) {
      await record({ type: "authenticator-resynchronised", subject: proved.resynchronised, ...about });
    }
    if (trustedDevice) await record({ type: "device-trusted", ...about });
    await record({ type: "signed-in", reason: `${firstFactor} ${proved.method}`, ...about });
    await reserved.attempt.clear(store);
    return {
      outcome: "signed-in",
      session,
      next: login.next,
      knownBrowserCookie: knownBrowserCookie(auth, account, client, login.loginName),
      trustedDevice,
      ...details,
    };
  });
  if (result.outcome === "expired") await reserved.attempt.refund();
  return result;
}

/** Answers text without the shape of a code; nothing is counted. During a set-up, an app that shows more digits is recognised. */
async function refuseUnreadable(
  auth: AuthContext,
  login: PendingLogin,
  typed: TypedFactorOrPair,
  client: Client,
): Promise<CompleteLogin> {
  const isSettingUp = (await auth.store.authenticators.of(login.accountId)).length === 0;
  // During a set-up there are no recovery codes yet, so there is no other field to point to.
  if (!isSettingUp) return notACode(typed);
  return (
    (await refuseOtherDigits(auth, login, typed, client)) ?? { outcome: "not-a-code", isForOtherField: false }
  );
}

interface ProvedAtLogin extends Proved {
  /** Set if the code confirmed the account's first authenticator. */
  setUp?: { name: string; sheet: NewSheet };
}

async function prove(
  auth: AuthContext,
  store: Store,
  login: PendingLogin,
  factor: SecondFactor,
): Promise<ProvedAtLogin | Refusal | { outcome: "expired" }> {
  const { accountId } = login;
  if (!("code" in factor)) return proveSecondFactor(auth, store, accountId, factor);
  // At sign-in a code may also confirm a set-up. Step-up passes its codes to proveSecondFactor.
  const authenticators = await store.authenticators.of(accountId);
  if (authenticators.length === 0) return confirmFirst(auth, store, login, factor.code);
  const proved = await acceptCode(auth, store, authenticators, factor.code);
  if (proved.outcome === "proved") return proved;
  const enrolment = await store.enrolments.of(login.idHash);
  return enrolment && isCodeOf(auth, enrolment, factor.code) ? SET_UP_ELSEWHERE : proved;
}

const SET_UP_ELSEWHERE: Refusal = { outcome: "code-refused", reason: "set-up-elsewhere" };

/** Turns the enrolment of a pending login into the account's first authenticator, and makes the first recovery codes. */
async function confirmFirst(
  auth: AuthContext,
  store: Store,
  login: PendingLogin,
  code: string,
): Promise<ProvedAtLogin | Refusal | { outcome: "expired" }> {
  const { accountId, idHash } = login;
  const enrolment = await store.enrolments.of(idHash);
  if (!enrolment) return { outcome: "expired" };
  const checked = await checkEnrolment(auth, store, { owner: login, enrolment, others: [] }, code);
  if (!("step" in checked)) return { outcome: "code-refused", ...checked };
  await store.enrolments.take(idHash);
  // One write decides between two browsers that set up at the same time.
  if (!(await store.accounts.startSecondFactor(accountId, auth.clock()))) return SET_UP_ELSEWHERE;
  const name = defaultName([], auth.unnamedApp);
  await insertAuthenticator(auth, store, enrolment, checked.step, name);
  const sheet = await makeSheet(auth, store, accountId);
  return { outcome: "proved", method: "totp", setUp: { name, sheet } };
}

/** Ends the pending login and opens a session with an id of its own (ASVS 5.0 7.2.4). */
async function replacePendingLogin(
  auth: AuthContext,
  store: Store,
  login: PendingLogin,
  { method, data, client }: { method: Proved["method"]; data: string; client: Client },
): Promise<NewSession> {
  await store.sessions.complete(login.idHash, auth.clock());
  return openSession(auth, store, {
    kind: "session",
    accountId: login.accountId,
    methods: `${firstFactorOf(login)} ${method}`,
    from: login,
    next: undefined,
    client,
    data,
  });
}
