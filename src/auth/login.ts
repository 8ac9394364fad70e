/** The way in: password, then second factor. Each decision is one closed outcome; nothing else opens a session. */
import { someName } from "./authenticator-name.js";
import { type AuthenticatorView, addAuthenticator, authenticatorsOf } from "./authenticators.js";
import { type AuthContext, aboutOf, type Client } from "./context.js";
import { checkEnrolment, type EnrolmentView, enrolmentOf, isCodeOf, showsOtherDigits } from "./enrolments.js";
import { type Troubles, troublesSince } from "./history.js";
import { browserToken, isOpenTo, knownBrowserOf } from "./known-browsers.js";
import { type NotACode, notACode } from "./not-a-code.js";
import { normalisePassword } from "./password.js";
import { makeSheet, type NewSheet, sheetOf, type UsedRecoveryCode } from "./recovery-codes.js";
import { type Refusal, refusalEvent } from "./refusal.js";
import {
  type Proved,
  proveCode,
  proveSecondFactor,
  readSecondFactor,
  type SecondFactor,
  sameCode,
  type Typed,
  useEvent,
} from "./second-factor.js";
import { type NewSession, openSession, type PendingLogin } from "./sessions.js";
import type { Account, Store } from "./store.js";
import { isLocked, lockOf, passwordTurn, type SecondFactorLock, secondFactorTurn } from "./throttle.js";
import { inTransaction, onAccount } from "./transaction.js";
import { holdsToken, isTrusted, trustDevice } from "./trusted-devices.js";
import { forgetUnfinished, noteUnfinished } from "./unfinished-logins.js";
import { usernameOf } from "./username.js";

export interface Credentials {
  username: string;
  password: string;
  /** Where the person wanted to go, as the web has checked it. */
  next: string | undefined;
}

/** What the first page after a sign-in says; the problems are those since the last one. */
export interface Arrival extends Troubles {
  /** Undefined the first time. */
  lastSignInAt: Date | undefined;
  recoveryCodesLeft: number;
}

export type StartLogin =
  | { outcome: "password-accepted"; pendingLogin: NewSession }
  /** The browser is a trusted device: its token stood for the second factor. */
  | { outcome: "signed-in"; session: NewSession; arrival: Arrival }
  /** Wrong password, unknown name, or an account closed to this client: the same to the eye and to the clock. */
  | { outcome: "refused" }
  | { outcome: "delayed"; until: number };

/**
 * Checks a password and opens a pending login, or, on a trusted device, a session.
 * @param keep the web layer's bytes for what is opened: with an arrival a session, without one a pending login
 * @throws Overloaded, StoreUnavailable
 */
export async function startLogin(
  auth: AuthContext,
  credentials: Credentials,
  client: Client,
  keep: (arrival?: Arrival) => string = () => "",
): Promise<StartLogin> {
  const password = normalisePassword(credentials.password);
  // Longer than any password may be: nothing to check or count, and no row is written.
  if (password === undefined) {
    auth.report({ type: "password-refused", ...aboutOf(undefined, client) });
    return { outcome: "refused" };
  }
  const known = await knownBrowserOf(auth, credentials.username, client);
  const turn = await passwordTurn(auth, { username: credentials.username, ...known }, client);
  if (turn.outcome === "delayed") return turn;

  let account: Account | undefined;
  const right = await turn.attempt.isRight(password, async () => {
    account = await accountFor(auth, credentials.username, client);
    return account?.passwordHash;
  });
  return inTransaction(auth, async ({ auth, store, record }): Promise<StartLogin> => {
    const about = aboutOf(account && { accountId: account.id, username: account.username }, client);
    const now = right && account ? await store.accounts.lock(account.id) : undefined;
    // The password that was proved must still be the account's, and the account open.
    if (!now || now.disabledAt !== null || now.passwordHash !== account?.passwordHash) {
      await record({ type: "password-refused", ...about });
      return { outcome: "refused" };
    }
    const accepted = { type: "password-accepted", ...about, accountId: now.id } as const;
    const trusted = await enterTrusted(auth, store, now, client, keep);
    if (trusted) {
      await record({ type: "signed-in", reason: BY_TRUSTED_DEVICE, ...about });
      await turn.attempt.succeed(store);
      return trusted;
    }
    const pendingLogin = await openSession(auth, store, {
      kind: "pending",
      accountId: now.id,
      methods: "password",
      next: credentials.next,
      client,
      browser: known?.browser,
      data: keep(),
    });
    if (!known) await noteUnfinished(auth, store, pendingLogin.idHash, accepted);
    await record(accepted);
    await turn.attempt.succeed(store);
    return { outcome: "password-accepted", pendingLogin };
  });
}

const BY_TRUSTED_DEVICE = "password trusted-device";

/** Opens a session where the browser's token stands for the second factor; a locked account wants the operator. */
async function enterTrusted(
  auth: AuthContext,
  store: Store,
  account: Account,
  client: Client,
  keep: (arrival: Arrival) => string,
) {
  // Most browsers hold none: then there is nothing to ask the database.
  if (!holdsToken(auth, account.id, client)) return undefined;
  if ((await isLocked(store, account.id)) || !(await isTrusted(auth, store, account.id, client)))
    return undefined;
  const arrival = await arrive(auth, store, account);
  const session = await openSession(auth, store, {
    kind: "session",
    accountId: account.id,
    methods: BY_TRUSTED_DEVICE,
    next: undefined,
    client,
    data: keep(arrival),
  });
  return { outcome: "signed-in", session, arrival } as const;
}

/** Looks the account up by the typed name. Only for use right before a hash, which costs the same with and without an account. */
async function accountFor(auth: AuthContext, typed: string, client: Client): Promise<Account | undefined> {
  const username = usernameOf(typed);
  const account = username === undefined ? undefined : await auth.store.accounts.byUsername(username);
  return account && isOpenTo(account, client) ? account : undefined;
}

/** What the second step asks of this pending login. */
export type SecondStep =
  | { step: "set-up"; enrolment: EnrolmentView; lock: SecondFactorLock | undefined }
  | { step: "code"; authenticators: AuthenticatorView[]; lock: SecondFactorLock | undefined }
  /** The pending login has ended meanwhile. */
  | { step: "expired" };

/** Tells which page /login/2fa is. @throws StoreUnavailable, SealError */
export async function secondStep(
  auth: AuthContext,
  login: PendingLogin,
  client: Client,
): Promise<SecondStep> {
  const account = await auth.store.accounts.byId(login.accountId);
  if (!account) return { step: "expired" };
  const lock = await lockOf(auth, account, client);
  const authenticators = await authenticatorsOf(auth, login);
  if (authenticators.length > 0) return { step: "code", authenticators, lock };
  const enrolment = await enrolmentOf(auth, login);
  return enrolment ? { step: "set-up", enrolment, lock } : { step: "expired" };
}

export interface SignedIn {
  outcome: "signed-in";
  session: NewSession;
  next: string | undefined;
  arrival: Arrival;
  /** The device cookie for this browser, now known. */
  browser: string;
  /** The token of a browser that is now a trusted device. */
  trustedDevice: string | undefined;
  /** After setting up the first authenticator: the recovery codes, to be shown this once. */
  sheet: NewSheet | undefined;
  /** The recovery code that was spent on this. */
  recoveryCode: UsedRecoveryCode | undefined;
}

export type CompleteLogin = SignedIn | NotACode | Refusal | { outcome: "locked" } | { outcome: "expired" };

/** What comes out of a sign-in besides its session. */
export type Arrived = Pick<SignedIn, "arrival" | "sheet" | "recoveryCode">;

export interface Wishes {
  /** Whether this browser shall be a trusted device. */
  trustDevice?: boolean;
  /** The web layer's bytes for the session that is opened. */
  keep?: (arrived: Arrived) => string;
}

/**
 * Checks a second factor, or the first code of the authenticator being set up, and opens the session.
 * @throws StoreUnavailable, SealError
 */
export async function completeLogin(
  auth: AuthContext,
  login: PendingLogin,
  typed: Typed,
  client: Client,
  { trustDevice: wantsTrust = false, keep = () => "" }: Wishes,
): Promise<CompleteLogin> {
  const factor = readSecondFactor(typed);
  if (factor === undefined) return notSixDigits(auth, login, typed, client);
  const about = aboutOf(login, client);
  const code = sameCode(typed, factor);
  const turn = await secondFactorTurn(auth, { owner: login, form: "sign-in", code }, client);
  if (turn.outcome === "repeated") return turn.refusal;
  if (turn.outcome !== "allowed") return turn;

  const over: CompleteLogin = { outcome: "expired" };
  const result = await onAccount(auth, login.accountId, over, async (on): Promise<CompleteLogin> => {
    const { auth, account, store, record } = on;
    const isLive = await store.sessions.isLive(login.idHash, auth.clock());
    if (account.disabledAt !== null || !isLive) return over;
    const proved = await prove(auth, store, login, factor);
    if (proved.outcome === "expired") return proved;
    if (proved.outcome !== "proved") {
      await record({ ...refusalEvent(proved), ...about });
      await turn.attempt.refuse(store, proved);
      return proved;
    }
    await forgetUnfinished(store, login);
    const trust = wantsTrust && auth.policy.trustedDevice > 0;
    const trustedDevice = trust ? await trustDevice(auth, store, account.id, client) : undefined;
    const arrived: Arrived = {
      arrival: await arrive(auth, store, account),
      sheet: proved.setUp?.sheet,
      recoveryCode: proved.recoveryCode,
    };
    const session = await exchange(auth, store, login, { ...proved, data: keep(arrived), client });
    if (proved.setUp) {
      await record({ type: "authenticator-set-up", subject: proved.setUp.name, ...about });
      await record({ type: "recovery-codes-made", subject: String(proved.setUp.sheet.number), ...about });
    }
    if (proved.recoveryCode) await record({ ...useEvent(proved.recoveryCode), ...about });
    if (proved.resynchronised !== undefined) {
      await record({ type: "authenticator-resynchronised", subject: proved.resynchronised, ...about });
    }
    if (trustedDevice) await record({ type: "device-trusted", ...about });
    await record({ type: "signed-in", reason: `password ${proved.method}`, ...about });
    await turn.attempt.succeed(store);
    return {
      outcome: "signed-in",
      session,
      next: login.next,
      browser: browserToken(auth, account, client),
      trustedDevice,
      ...arrived,
    };
  });
  if (result.outcome === "expired") await turn.attempt.withdraw();
  return result;
}

/** Nothing to count; but an app that shows more digits can be told from a slip while it is being set up. */
async function notSixDigits(
  auth: AuthContext,
  login: PendingLogin,
  typed: Typed,
  client: Client,
): Promise<CompleteLogin> {
  const isSettingUp = (await auth.store.authenticators.of(login.accountId)).length === 0;
  // During a set-up there is no recovery code yet, so no other field to point to.
  if (!isSettingUp) return notACode(typed);
  return (await showsOtherDigits(auth, login, typed, client)) ?? { outcome: "not-a-code", isOther: false };
}

interface ProvedAtLogin extends Proved {
  /** Where the code confirmed the account's first authenticator. */
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
  const authenticators = await store.authenticators.of(accountId);
  if (authenticators.length === 0) return confirmFirst(auth, store, login, factor.code);
  const proved = await proveCode(auth, store, authenticators, factor.code);
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
  const name = someName([]);
  await addAuthenticator(auth, store, enrolment, checked.step, name);
  const sheet = await makeSheet(auth, store, accountId);
  return { outcome: "proved", method: "totp", setUp: { name, sheet } };
}

/** The pending login ends and a session with an id of its own begins (ASVS 5.0 7.2.4). */
async function exchange(
  auth: AuthContext,
  store: Store,
  login: PendingLogin,
  { method, data, client }: { method: Proved["method"]; data: string; client: Client },
): Promise<NewSession> {
  await store.sessions.complete(login.idHash, auth.clock());
  return openSession(auth, store, {
    kind: "session",
    accountId: login.accountId,
    methods: `password ${method}`,
    from: login,
    next: undefined,
    client,
    data,
  });
}

/** Notes the sign-in, and tells what came before it. */
async function arrive(auth: AuthContext, store: Store, account: Account): Promise<Arrival> {
  const { id, lastSignInAt } = account;
  const troubles = await troublesSince(store, id, lastSignInAt ?? 0);
  await store.accounts.noteSignIn(id, auth.clock());
  return {
    lastSignInAt: lastSignInAt === null ? undefined : new Date(lastSignInAt),
    ...troubles,
    recoveryCodesLeft: (await sheetOf(store, id))?.left ?? 0,
  };
}
