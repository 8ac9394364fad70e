/**
 * Pending logins and sessions: opens them, and finds them by the hash of the cookie's id. The table `sessions` holds both kinds.
 * Tests: test/web/session/lifetime.test.ts, test/security/fixation.test.ts, test/security/piled-up.test.ts
 */
import { createHash } from "node:crypto";
import { type AuthContext, type Client, deviceOf } from "../context.js";
import {
  LAST_SEEN_INTERVAL,
  MAX_PENDING_LOGINS,
  MAX_PENDING_LOGINS_OF_BROWSER,
  MAX_SESSIONS,
  SET_UP_TIMES,
  TRIM_BATCH,
} from "../policy.js";
import type { CodesOnShow, PasswordProof, SessionKind, SessionRow, Store } from "../store.js";

/** What a browser's cookie stands for. */
export type SignInState =
  | { kind: "anonymous" }
  /** A pending login whose time (PENDING_LOGIN) has run out; kept only to fill in the login form again. */
  | {
      kind: "expired";
      username: string;
      next: string | undefined;
      isSettingUp: boolean;
      methods: readonly string[];
    }
  | PendingLogin
  | Session;

/** The password is proved, the second factor is not. It opens the second step and signing out, nothing else. */
export interface PendingLogin extends LiveRow {
  kind: "pending";
  /** Which known browser it belongs to; undefined for a stranger's. */
  browser: string | undefined;
  /** Whether the account has no second factor yet. */
  isSettingUp: boolean;
  /** Whether a new second factor needs a link. */
  needsLink: boolean;
}

/** Signed in with both factors. */
export interface Session extends LiveRow {
  kind: "session";
  /** When both factors were last proved; undefined where a trusted device stood for the second. */
  provedAt: number | undefined;
  /** Whether that was recent enough for a sensitive change. */
  steppedUp: boolean;
  /** New recovery codes that it still shows, sealed; see codes-on-show.ts. */
  codes: CodesOnShow | undefined;
  /** The password alone, proved at a step-up and not changed since; see password-proof.ts. It opens nothing. */
  passwordProof: PasswordProof | undefined;
}

export interface LiveRow {
  accountId: string;
  username: string;
  /** The host app's id of this person. */
  externalId: string | undefined;
  email: string | undefined;
  name: string | undefined;
  groups: readonly string[];
  /** Whether it belongs to the demo account, which is open only to a client that may use it. */
  isDemo: boolean;
  /** Where the person wanted to go. */
  next: string | undefined;
  /** What was proved: `password` or `host`, and `totp` or `recovery-code`; or `trusted-device`. */
  methods: string[];
  startedAt: number;
  lastSeenAt: number;
  /** The latest end (SESSION_MAX, or PENDING_LOGIN), however much it is used. */
  expiresAt: number;
  /** The end unless it is used before then (SESSION_IDLE). */
  endsAt: number;
  /** What was typed as the name, where a host app checks passwords. */
  loginName: string | undefined;
  /** Whether the account has a password of Latchkey's own. */
  hasPassword: boolean;
  /** Text that the web layer stores with it: the messages of its next page, as JSON. */
  data: string;
  /** Hash of the cookie's id: what rows are found by. */
  idHash: string;
  /** Shared by all rows of one sign-in (pending login, session, its continuation after each step-up): the hash of the first id. */
  family: string;
  /** The last refused code and its refusal; see repeated-refusals.ts. */
  lastRefusal: string | undefined;
}

/** What opening a row gives: the id for the browser, which is stored nowhere, and its hash. */
export interface NewSession {
  id: string;
  /** Finds the row. */
  idHash: string;
}

export interface SessionOpening {
  kind: SessionKind;
  accountId: string;
  methods: string;
  /** The pending login that the session replaces, or the session that continues under a new id. */
  from?: PendingLogin | Session;
  next: string | undefined;
  client: Client;
  /** Which known browser a pending login belongs to. */
  browser?: string | undefined;
  /** Whether a pending login is of an account without a second factor, and lasts longer. */
  isSettingUp?: boolean;
  /** What was typed as the name, for a host app that checks passwords; by default that of `from`. */
  loginName?: string | undefined;
  /** The web layer's text. */
  data?: string;
}

/**
 * Makes the text that the web layer stores with a row, inside the transaction that opens it: it tells what happened since the last
 * sign-in, which is known only there, and a later write could be lost.
 */
export type MakeSessionData<Details> = (details: Details) => string;

/** Opens a row, in a transaction that holds the account. At the cap, the least recently used row makes room. */
export async function openSession(
  auth: AuthContext,
  store: Store,
  opening: SessionOpening,
): Promise<NewSession> {
  const now = auth.clock();
  const id = Buffer.from(auth.random(32)).toString("base64url");
  const { kind, methods, from } = opening;
  const { pendingLogin, sessionMax } = auth.policy;
  const lifetimeOfPending = opening.isSettingUp ? SET_UP_TIMES * pendingLogin : pendingLogin;
  const lifetime = kind === "pending" ? lifetimeOfPending : sessionMax;
  // A step-up does not extend a session.
  const continued = from?.kind === "session" ? from : undefined;
  const idHash = hashSessionId(id);
  const row: SessionRow = {
    idHash,
    kind,
    accountId: opening.accountId,
    family: from?.family ?? idHash,
    next: opening.next ?? null,
    methods,
    // A trusted device's token does not prove the second factor again.
    steppedUpAt: kind === "session" && !methods.includes("trusted-device") ? now : null,
    device: deviceOf(opening.client),
    address: opening.client.address,
    createdAt: continued?.startedAt ?? now,
    lastSeenAt: now,
    expiresAt: continued?.expiresAt ?? now + lifetime,
    endedAt: null,
    data: opening.data ?? "",
    browser: opening.browser ?? null,
    lastRefusal: null,
    loginName: opening.loginName ?? from?.loginName ?? null,
    codes: null,
  };
  await store.sessions.trim(row, maxRows(row) - 1, TRIM_BATCH);
  await store.sessions.open(row);
  return { id, idHash };
}

/** A stranger who has the password cannot push out a known browser's pending login, nor any session. */
function maxRows({ kind, browser }: SessionRow): number {
  if (kind === "session") return MAX_SESSIONS;
  return browser === null ? MAX_PENDING_LOGINS : MAX_PENDING_LOGINS_OF_BROWSER;
}

/** A kind that only a newer version knows opens nothing. */
const KINDS: readonly SessionKind[] = ["pending", "session"];

/** Keeps methods that only a newer version knows: apps behind a proxy get them in a header. */
const METHOD = /^[a-z][a-z0-9-]{0,31}$/;

/**
 * What the id in a cookie stands for: anonymous once it has ended; `expired` for a pending login whose time ran out; undefined if
 * it was never ours. @throws StoreUnavailable
 */
export function findSession(auth: AuthContext, id: string): Promise<SignInState | undefined> {
  return findByHash(auth, hashSessionId(id));
}

/** The same by the hash of the id. Call it only with a hash that this server has signed. */
export async function findByHash(auth: AuthContext, idHash: string): Promise<SignInState | undefined> {
  const row = await auth.store.sessions.find(idHash);
  if (!row) return undefined;
  if (row.endedAt !== null || row.disabled || !KINDS.includes(row.kind)) return { kind: "anonymous" };
  const { isSettingUp } = row;
  const next = row.next ?? undefined;
  const methods = row.methods.split(" ").filter((method) => METHOD.test(method));
  const now = auth.clock();
  const endsAt = endOf(auth, row);
  if (now >= endsAt) {
    if (row.kind !== "pending") return { kind: "anonymous" };
    return { kind: "expired", username: row.username, next, isSettingUp, methods };
  }
  const opened = {
    accountId: row.accountId,
    username: row.username,
    externalId: row.externalId ?? undefined,
    email: row.email ?? undefined,
    name: row.name ?? undefined,
    groups: row.groups,
    isDemo: row.isDemo,
    next,
    methods,
    startedAt: row.createdAt,
    lastSeenAt: row.lastSeenAt,
    expiresAt: row.expiresAt,
    endsAt,
    loginName: row.loginName ?? undefined,
    hasPassword: row.hasPassword,
    data: row.data,
    idHash: row.idHash,
    family: row.family,
    lastRefusal: row.lastRefusal ?? undefined,
  };
  if (row.kind === "pending")
    return {
      kind: "pending",
      ...opened,
      isSettingUp,
      needsLink: row.needsLink,
      browser: row.browser ?? undefined,
    };
  const provedAt = row.steppedUpAt ?? undefined;
  const steppedUp = provedAt !== undefined && provedAt > steppedUpSince(auth, now);
  const isVoid = row.passwordProof?.credentialVersion !== row.credentialVersion;
  const passwordProof = isVoid ? undefined : (row.passwordProof ?? undefined);
  return { kind: "session", ...opened, provedAt, steppedUp, passwordProof, codes: row.codes ?? undefined };
}

/** Changes where a pending login leads: the person came back from another page. */
export async function setNext(auth: AuthContext, login: PendingLogin, next: string): Promise<void> {
  await auth.store.sessions.setNext(login.idHash, next);
}

/** Notes that a live session was used, at most once a minute, and returns it with its new end. */
export async function touchSession(auth: AuthContext, session: Session): Promise<Session> {
  const now = auth.clock();
  // A short idle limit needs to hear of activity well before it ends.
  if (now - session.lastSeenAt < Math.min(LAST_SEEN_INTERVAL, auth.policy.sessionIdle / 4)) return session;
  await auth.store.sessions.seen(session.idHash, now);
  return { ...session, lastSeenAt: now, endsAt: endOf(auth, { ...session, lastSeenAt: now }) };
}

/** Stores the web layer's text with a live row; without one, nothing is written. */
export async function writeSessionData(auth: AuthContext, id: string, data: string): Promise<void> {
  await auth.store.sessions.write(hashSessionId(id), data);
}

/** A proof of both factors is good for a sensitive change if it is newer than this moment. */
export function steppedUpSince({ policy }: AuthContext, now: number): number {
  return now - policy.stepUp;
}

function endOf(auth: AuthContext, row: Pick<SessionRow, "kind" | "lastSeenAt" | "expiresAt">): number {
  if (row.kind === "pending") return row.expiresAt;
  return Math.min(row.lastSeenAt + auth.policy.sessionIdle, row.expiresAt);
}

/** 256 random bits need no slow hash; a stolen database holds no cookie. */
export function hashSessionId(id: string): string {
  return createHash("sha256").update(id).digest("base64url");
}
