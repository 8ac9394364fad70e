/**
 * What follows a first factor, no matter who checked it: a pending login, or, in a trusted browser, a session.
 * Tests: test/security/trusted-device.test.ts, test/security/unfinished-logins.test.ts, test/host/start-second-factor.test.ts
 */
import { type AuthContext, aboutOf, type Client } from "../context.js";
import type { HostPerson } from "../passwords/host-check.js";
import { type MakeSessionData, type NewSession, openSession } from "../sessions/sessions.js";
import { holdsToken, useTrustedDevice } from "../sessions/trusted-devices.js";
import type { Account, Store } from "../store.js";
import { isLockedOut } from "../throttle/lockout.js";
import type { Work } from "../transaction.js";
import { recordSignIn, type SignInSummary } from "./summary.js";
import { recordUnfinished } from "./unfinished-logins.js";

/** `password`, checked here or by the host app's own check; `host`: the app has proved by its own means who this is. */
export type FirstFactorMethod = "password" | "host";

export interface FirstFactor {
  method: FirstFactorMethod;
  /** What was typed as the name, where a host app checks passwords. */
  loginName?: string | undefined;
  /** Where the person wanted to go, as the web has checked it. */
  next: string | undefined;
  client: Client;
  /** The account's known browser that this is; undefined for a stranger's. */
  browser: string | undefined;
  /** Is given the summary for a session, and undefined for a pending login. */
  sessionData: MakeSessionData<SignInSummary | undefined>;
}

export type AfterFirstFactor =
  | { outcome: "password-accepted"; pendingLogin: NewSession }
  /** The browser is a trusted device: its token stood for the second factor. */
  | { outcome: "signed-in"; session: NewSession; summary: SignInSummary };

export interface Credentials {
  username: string;
  password: string;
  /** Where the person wanted to go, as the web has checked it. */
  next: string | undefined;
}

export type StartLogin =
  | AfterFirstFactor
  /** Wrong password, unknown name, or closed account: indistinguishable in content and timing (prevents account enumeration). */
  | {
      outcome: "refused";
      /** The host said yes, but an account of Latchkey's own has the person's name: for the operator alone. */
      nameTaken?: HostPerson;
    }
  | { outcome: "delayed"; until: number };

/** Opens what the first factor opens, in a transaction that has locked the account and found it open. */
export async function passFirstFactor(
  { auth, store, record }: Work,
  account: Account,
  factor: FirstFactor,
): Promise<AfterFirstFactor> {
  const { method, loginName, client, browser, sessionData } = factor;
  const about = aboutOf({ accountId: account.id, username: account.username }, client);
  const trusted = await signInTrusted(auth, store, account, factor);
  if (trusted) {
    await record({
      type: "signed-in",
      reason: byTrustedDevice(method),
      ...about,
      family: trusted.session.idHash,
    });
    return trusted;
  }
  const pendingLogin = await openSession(auth, store, {
    kind: "pending",
    accountId: account.id,
    methods: method,
    loginName,
    next: factor.next,
    client,
    browser,
    isSettingUp: account.secondFactorSince === null,
    data: sessionData(undefined),
  });
  const family = pendingLogin.idHash;
  const byHost = method === "host" ? ({ reason: "host" } as const) : {};
  const accepted = { type: "password-accepted", ...byHost, ...about, accountId: account.id, family } as const;
  if (browser === undefined) await recordUnfinished(auth, store, pendingLogin.idHash, accepted);
  await record(accepted);
  return { outcome: "password-accepted", pendingLogin };
}

/** Opens a session if the browser's token stands for the second factor. A locked account needs the operator first. */
async function signInTrusted(
  auth: AuthContext,
  store: Store,
  account: Account,
  { method, loginName, client, sessionData }: FirstFactor,
) {
  // Most browsers hold no token: then nothing is looked up.
  if (!holdsToken(auth, account.id, client)) return undefined;
  if ((await isLockedOut(store, account.id)) || !(await useTrustedDevice(auth, store, account.id, client)))
    return undefined;
  const summary = await recordSignIn(auth, store, account, method);
  const session = await openSession(auth, store, {
    kind: "session",
    accountId: account.id,
    methods: byTrustedDevice(method),
    loginName,
    next: undefined,
    client,
    data: sessionData(summary),
  });
  return { outcome: "signed-in", session, summary } as const;
}

function byTrustedDevice(method: FirstFactorMethod): string {
  return `${method} trusted-device`;
}

/** Which first factor opened a pending login. A session that was stepped up by the second factor alone has none. */
export function firstFactorOf({ methods }: { methods: readonly string[] }): FirstFactorMethod {
  return methods.includes("host") ? "host" : "password";
}
