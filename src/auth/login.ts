/** The way in: password, then code. Each decision is one closed outcome; nothing else opens a session. */
import {
  acceptCode,
  authenticatorsOf,
  confirmEnrolment,
  type EnrolmentView,
  enrolmentOf,
} from "./authenticators.js";
import { codeOf } from "./code.js";
import type { AuthContext, Client } from "./context.js";
import { type NewSession, openSession, type PendingLogin } from "./sessions.js";
import type { Account, Store } from "./store.js";
import { passwordTurn, type SecondFactorLock, secondFactorLock, secondFactorTurn } from "./throttle.js";
import { usernameOf } from "./username.js";

export interface Credentials {
  username: string;
  password: string;
  /** Where the person wanted to go: a checked path of this site. */
  next: string | undefined;
}

export type StartLogin =
  | { outcome: "password-accepted"; pendingLogin: NewSession }
  /** Wrong password, unknown name, or an account closed to this client: the same to the eye and to the clock. */
  | { outcome: "refused" }
  | { outcome: "delayed"; until: number };

/** Checks a password and opens a pending login. @throws Overloaded, StoreUnavailable */
export async function startLogin(
  auth: AuthContext,
  credentials: Credentials,
  client: Client,
): Promise<StartLogin> {
  const turn = await passwordTurn(auth, credentials.username, client.address);
  const account = await accountFor(auth, credentials.username, client);
  const about = account
    ? { accountId: account.id, username: account.username, address: client.address }
    : { address: client.address };
  if (turn.outcome !== "allowed") {
    auth.report({ type: "password-delayed", ...about });
    return turn;
  }

  const right = await auth.passwords
    .matches(credentials.password, account?.passwordHash)
    .catch(async (error) => {
      await turn.attempt.withdraw();
      throw error;
    });
  const pendingLogin =
    right && account ? await openPending(auth, account, credentials.next, client) : undefined;
  if (!pendingLogin) {
    auth.report({ type: "password-refused", ...about });
    return { outcome: "refused" };
  }
  await turn.attempt.succeed();
  auth.report({ type: "password-accepted", ...about });
  return { outcome: "password-accepted", pendingLogin };
}

async function accountFor(auth: AuthContext, typed: string, client: Client): Promise<Account | undefined> {
  const username = usernameOf(typed);
  const account = username === undefined ? undefined : await auth.store.accounts.byUsername(username);
  return account?.isDemo && !client.mayUseDemo ? undefined : account;
}

/** Opens the pending login while the password that was proved is still the account's; undefined otherwise. */
function openPending(
  auth: AuthContext,
  account: Account,
  next: string | undefined,
  client: Client,
): Promise<NewSession | undefined> {
  return auth.store.transaction(async (store) => {
    if (!(await store.accounts.hold(account.id, account.passwordHash))) return undefined;
    return openSession(auth, store, {
      kind: "pending",
      accountId: account.id,
      methods: "password",
      next,
      client,
    });
  });
}

/** What the second step asks of this pending login. */
export type SecondStep =
  | { step: "set-up"; enrolment: EnrolmentView; lock: SecondFactorLock | undefined }
  | { step: "code"; authenticators: { name: string }[]; lock: SecondFactorLock | undefined };

/** Tells which page /login/2fa is. @throws StoreUnavailable, SealError */
export async function secondStep(auth: AuthContext, login: PendingLogin): Promise<SecondStep> {
  const lock = await secondFactorLock(auth, login.accountId);
  const authenticators = await authenticatorsOf(auth, login.accountId);
  if (authenticators.length > 0) return { step: "code", authenticators, lock };
  return { step: "set-up", enrolment: await enrolmentOf(auth, login), lock };
}

export type CompleteLogin =
  | { outcome: "signed-in"; session: NewSession; next: string | undefined; setUp: boolean }
  | { outcome: "not-a-code" }
  | { outcome: "refused"; reason: CodeRefusal }
  | { outcome: "locked" }
  | { outcome: "expired" };

export type CodeRefusal = "wrong" | "used" | "set-up-elsewhere";

/** Checks a code, of a confirmed authenticator or of the one being set up, and opens the session. @throws StoreUnavailable, SealError */
export async function completeLogin(
  auth: AuthContext,
  login: PendingLogin,
  typed: string,
  client: Client,
): Promise<CompleteLogin> {
  const about = { accountId: login.accountId, username: login.username, address: client.address };
  const code = codeOf(typed);
  if (code === undefined) return { outcome: "not-a-code" };
  const turn = await secondFactorTurn(auth, login.accountId);
  if (turn.outcome !== "allowed") {
    auth.report({ type: turn.outcome === "locked" ? "account-locked" : "code-delayed", ...about });
    return { outcome: "locked" };
  }

  const result = await auth.store
    .transaction(async (store): Promise<CompleteLogin> => {
      const proof = await proveSecondFactor(auth, store, login, code);
      if (proof === "expired") return { outcome: "expired" };
      if (proof !== "accepted" && proof !== "confirmed") return { outcome: "refused", reason: proof };
      const session = await exchange(auth, store, login, client);
      if (!session) throw new LoginIsOver();
      await turn.attempt.succeed(store);
      return { outcome: "signed-in", session, next: login.next, setUp: proof === "confirmed" };
    })
    .catch((error): CompleteLogin => {
      if (error instanceof LoginIsOver) return { outcome: "expired" };
      throw error;
    });
  if (result.outcome === "expired") await turn.attempt.withdraw();
  if (result.outcome === "refused") auth.report({ type: "code-refused", reason: result.reason, ...about });
  if (result.outcome === "signed-in") {
    if (result.setUp) auth.report({ type: "authenticator-set-up", ...about });
    auth.report({ type: "signed-in", methods: "password totp", ...about });
  }
  return result;
}

/** Thrown to undo the transaction: a login that ended meanwhile leaves no authenticator and no spent step behind. */
class LoginIsOver extends Error {}

async function proveSecondFactor(auth: AuthContext, store: Store, login: PendingLogin, code: string) {
  const authenticators = await store.authenticators.of(login.accountId);
  if (authenticators.length > 0) return acceptCode(auth, store, authenticators, code);
  const enrolment = await store.enrolments.of(login.idHash);
  return enrolment ? confirmEnrolment(auth, store, enrolment, code) : "expired";
}

/** The pending login ends and a session with an id of its own begins, both or neither (ASVS 5.0 7.2.4). */
async function exchange(
  auth: AuthContext,
  store: Store,
  login: PendingLogin,
  client: Client,
): Promise<NewSession | undefined> {
  const account = await store.accounts.byId(login.accountId);
  if (!account || !(await store.accounts.hold(account.id, account.passwordHash))) return undefined;
  if (!(await store.sessions.end(login.idHash, auth.clock(), "pending"))) return undefined;
  return openSession(auth, store, {
    kind: "session",
    accountId: account.id,
    methods: "password totp",
    openedFrom: login.idHash,
    next: undefined,
    client,
  });
}
