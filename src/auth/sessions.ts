/** Pending logins and sessions: opened only here, found by the hash of their id, ended for good. */
import { createHash } from "node:crypto";
import { type AuthContext, aboutOf, type Client, deviceOf } from "./context.js";
import { SEEN_EVERY } from "./policy.js";
import type { SessionKind, SessionRow, Store } from "./store.js";
import { inTransaction } from "./transaction.js";

/** What a browser's cookie stands for. */
export type SignInState =
  | { kind: "anonymous" }
  /** The time after the password (PENDING_LOGIN) has passed; kept only to fill the login form again. */
  | { kind: "expired"; username: string; next: string | undefined }
  | PendingLogin
  | Session;

/** The password is proved, the second factor is not. It opens nothing but the next step and logging out. */
export interface PendingLogin extends Opened {
  kind: "pending";
}

/** Signed in with both factors. */
export interface Session extends Opened {
  kind: "session";
  /** Whether both factors were proved lately enough for a sensitive change. */
  steppedUp: boolean;
}

interface Opened {
  accountId: string;
  username: string;
  /** The demo account's; open only to a client that may use it. */
  isDemo: boolean;
  /** Where the person wanted to go. */
  next: string | undefined;
  /** What was proved: `password`, `totp`, `recovery-code`; or `trusted-device`. */
  methods: string[];
  startedAt: number;
  lastSeenAt: number;
  /** When it ends however much it is used. */
  expiresAt: number;
  /** When it ends unless it is used before then. */
  endsAt: number;
  /** The web layer's bytes. */
  data: string;
  /** Hash of the cookie's id: what rows are found by. */
  idHash: string;
}

/** A new row; its id goes to the browser and is stored nowhere. */
export interface NewSession {
  id: string;
  /** What its row is found by. */
  idHash: string;
}

export interface Opening {
  kind: SessionKind;
  accountId: string;
  methods: string;
  /** The pending login whose place the session takes, or the session that goes on under a new id. */
  from?: PendingLogin | Session;
  next: string | undefined;
  client: Client;
}

/** Opens a row, in a transaction that holds the account. */
export async function openSession(auth: AuthContext, store: Store, opening: Opening): Promise<NewSession> {
  const now = auth.clock();
  const id = Buffer.from(auth.random(32)).toString("base64url");
  const { kind, methods, from } = opening;
  const lifetime = kind === "pending" ? auth.policy.pendingLogin : auth.policy.sessionMax;
  // A step-up makes a session no longer than it was.
  const goesOn = from?.kind === "session" ? from : undefined;
  const idHash = hashOf(id);
  const row: SessionRow = {
    idHash,
    kind,
    accountId: opening.accountId,
    openedFrom: from?.idHash ?? null,
    next: opening.next ?? null,
    methods,
    // A trusted device's token proves nothing anew.
    steppedUpAt: kind === "session" && !methods.includes("trusted-device") ? now : null,
    device: deviceOf(opening.client),
    address: opening.client.address,
    createdAt: goesOn?.startedAt ?? now,
    lastSeenAt: now,
    expiresAt: goesOn?.expiresAt ?? now + lifetime,
    endedAt: null,
    data: "",
  };
  await store.sessions.open(row);
  return { id, idHash };
}

/** What the id in a cookie stands for now: nobody once it has ended or expired; undefined when it never was ours. */
export async function findSession(auth: AuthContext, id: string): Promise<SignInState | undefined> {
  const row = await auth.store.sessions.find(hashOf(id));
  if (!row) return undefined;
  if (row.endedAt !== null || row.disabled) return { kind: "anonymous" };
  const next = row.next ?? undefined;
  const now = auth.clock();
  const endsAt = endOf(auth, row);
  if (now >= endsAt) {
    return row.kind === "pending" ? { kind: "expired", username: row.username, next } : { kind: "anonymous" };
  }
  const opened = {
    accountId: row.accountId,
    username: row.username,
    isDemo: row.isDemo,
    next,
    methods: row.methods.split(" "),
    startedAt: row.createdAt,
    lastSeenAt: row.lastSeenAt,
    expiresAt: row.expiresAt,
    endsAt,
    data: row.data,
    idHash: row.idHash,
  };
  if (row.kind === "pending") return { kind: "pending", ...opened };
  const steppedUp = row.steppedUpAt !== null && row.steppedUpAt > steppedUpSince(auth);
  return { kind: "session", ...opened, steppedUp };
}

/** Notes that a live session was used, at most once a minute, and tells its new end. */
export async function sessionSeen(auth: AuthContext, session: Session): Promise<Session> {
  const now = auth.clock();
  // A short idle limit needs to hear of activity well before it ends.
  if (now - session.lastSeenAt < Math.min(SEEN_EVERY, auth.policy.sessionIdle / 4)) return session;
  await auth.store.sessions.seen(session.idHash, now);
  return { ...session, lastSeenAt: now, endsAt: endOf(auth, { ...session, lastSeenAt: now }) };
}

/** Ends what an id stands for, for good: nothing in flight brings it back. */
export async function endSession(auth: AuthContext, id: string): Promise<void> {
  const idHash = hashOf(id);
  await auth.store.transaction(async (store) => {
    await store.enrolments.take(idHash);
    await store.sessions.end(idHash, auth.clock());
  });
}

/** Logging out: as above, and what was opened in its place by a request in flight ends with it. */
export async function signOut(auth: AuthContext, id: string): Promise<void> {
  const idHash = hashOf(id);
  await auth.store.transaction(async (store) => {
    await store.enrolments.take(idHash);
    // Two statements, in this order: the first waits for an exchange under way, the second then sees what it made.
    await store.sessions.end(idHash, auth.clock());
    await store.sessions.endOpenedFrom(idHash, auth.clock());
  });
}

/** Keeps the web layer's bytes with a live row; without one they go nowhere. */
export async function writeSessionData(auth: AuthContext, id: string, data: string): Promise<void> {
  await auth.store.sessions.write(hashOf(id), data);
}

export interface SessionView {
  /** Names it in a form; opens nothing. */
  id: string;
  /** A User-Agent. */
  device: string;
  address: string;
  startedAt: Date;
  lastSeenAt: Date;
  /** Whether it is the one that asks. */
  current: boolean;
}

/** The sessions of an account that are live now, the asking one first. */
export async function sessionsOf(auth: AuthContext, session: Session): Promise<SessionView[]> {
  const now = auth.clock();
  const rows = await auth.store.sessions.live(session.accountId, now, now - auth.policy.sessionIdle);
  const views = rows.map(({ idHash, device, address, createdAt, lastSeenAt }) => ({
    id: idHash,
    device,
    address,
    startedAt: new Date(createdAt),
    lastSeenAt: new Date(lastSeenAt),
    current: idHash === session.idHash,
  }));
  return views.sort((one, other) => Number(other.current) - Number(one.current));
}

/** Ends one of the owner's sessions, and what a step-up under way has made of it. */
export function endSessionOf(
  auth: AuthContext,
  session: Session,
  id: string,
  client: Client,
): Promise<{ outcome: "ended" } | { outcome: "unknown" }> {
  return inTransaction(auth, async ({ store, record }) => {
    const target = await store.sessions.find(id);
    if (target?.accountId !== session.accountId || target.kind !== "session") return { outcome: "unknown" };
    const ended = await store.sessions.end(id, auth.clock());
    await store.sessions.endOpenedFrom(id, auth.clock());
    if (ended) await record({ type: "session-ended", ...aboutOf(session, client) });
    return { outcome: "ended" };
  });
}

export type EndOthers = { outcome: "ended"; sessions: number } | { outcome: "expired" };

/** Ends every session and pending login of the account but this session; `sessions` tells how many sessions those were. */
export function endOtherSessions(auth: AuthContext, session: Session, client: Client): Promise<EndOthers> {
  return inTransaction(auth, async ({ store, record }) => {
    const now = auth.clock();
    const holds =
      (await store.accounts.hold(session.accountId)) && (await store.sessions.hold(session.idHash, now));
    if (!holds) return { outcome: "expired" };
    const sessions = await store.sessions.endAll(session.accountId, now, session.idHash);
    if (sessions > 0) await record({ type: "other-sessions-ended", ...aboutOf(session, client) });
    return { outcome: "ended", sessions };
  });
}

/** A proof of both factors is good for a sensitive change while it came after this moment. */
function steppedUpSince(auth: AuthContext): number {
  return auth.clock() - auth.policy.stepUp;
}

/**
 * Holds account and session for a sensitive change, the rest of the transaction long; false when the account was closed,
 * the session ended, or both factors were proved too long ago (NIST SP 800-63B-4 §2.2.3, ASVS 5.0 7.5.1).
 */
export async function holdForChange(auth: AuthContext, store: Store, session: Session): Promise<boolean> {
  if (!(await store.accounts.hold(session.accountId))) return false;
  return store.sessions.hold(session.idHash, auth.clock(), steppedUpSince(auth));
}

function endOf(auth: AuthContext, row: Pick<SessionRow, "kind" | "lastSeenAt" | "expiresAt">): number {
  if (row.kind === "pending") return row.expiresAt;
  return Math.min(row.lastSeenAt + auth.policy.sessionIdle, row.expiresAt);
}

/** 256 random bits need no slow hash; a stolen database holds no cookie. */
function hashOf(id: string): string {
  return createHash("sha256").update(id).digest("base64url");
}
