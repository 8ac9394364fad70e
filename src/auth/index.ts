/** Everything the product can do, as one object: the web and the command line call nothing else of auth/. */
import { accountOf, addAccount, unlockAccount } from "./accounts.js";
import { checkKeys } from "./authenticators.js";
import type { AuthContext, Client } from "./context.js";
import { ensureDemoAccount } from "./demo-account.js";
import { type Credentials, completeLogin, secondStep, startLogin } from "./login.js";
import { createPasswords } from "./password.js";
import { KEEP_EXPIRED, PRUNE_AT_ONCE } from "./policy.js";
import {
  endSession,
  findSession,
  type PendingLogin,
  type Session,
  sessionSeen,
  signOut,
  writeSessionData,
} from "./sessions.js";

export type { Client } from "./context.js";
export { DEMO_ACCOUNT } from "./demo-account.js";
export { createKeyring } from "./encryption.js";
export type { Report, SecurityEvent } from "./events.js";
export { Overloaded } from "./hash-queue.js";
export type { CodeRefusal } from "./login.js";
export { DEFAULT_POLICY, type Policy } from "./policy.js";
export type { NewSession, PendingLogin, Session, SignInState } from "./sessions.js";
export { StoreUnavailable } from "./store.js";
export type { SecondFactorLock } from "./throttle.js";

export type Auth = ReturnType<typeof createAuth>;

/** @param world the storage, the clock, the randomness and the keys: auth/ has no other way to the outside. */
export function createAuth(world: Omit<AuthContext, "passwords">) {
  const auth: AuthContext = { ...world, passwords: createPasswords(world.random) };
  return {
    startLogin: (credentials: Credentials, client: Client) => startLogin(auth, credentials, client),
    secondStep: (login: PendingLogin) => secondStep(auth, login),
    completeLogin: (login: PendingLogin, code: string, client: Client) =>
      completeLogin(auth, login, code, client),

    findSession: (id: string) => findSession(auth, id),
    sessionSeen: (session: Session) => sessionSeen(auth, session),
    endSession: (id: string) => endSession(auth, id),
    signOut: (id: string) => signOut(auth, id),
    writeSessionData: (id: string, data: string) => writeSessionData(auth, id, data),

    accountOf: (session: Session) => accountOf(auth, session),
    addAccount: (username: string, password: string) => addAccount(auth, username, password),
    unlockAccount: (username: string) => unlockAccount(auth, username),
    ensureDemoAccount: () => ensureDemoAccount(auth),

    checkKeys: () => checkKeys(auth),
    prune: () => prune(auth),
    now: () => new Date(auth.clock()),
  };
}

/** Removes what has expired, a few hundred rows at a time, so that no request waits for it. */
async function prune(auth: AuthContext): Promise<void> {
  const now = auth.clock();
  await auth.store.enrolments.prune(now);
  while ((await auth.store.sessions.prune(now - KEEP_EXPIRED, PRUNE_AT_ONCE)) === PRUNE_AT_ONCE);
  while ((await auth.store.throttle.prune(now, PRUNE_AT_ONCE)) === PRUNE_AT_ONCE);
}
