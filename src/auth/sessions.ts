/** Pending logins and sessions: opened only here, found by the hash of their id, ended for good. */
import { createHash } from "node:crypto";
import type { AuthContext, Client } from "./context.js";
import { SEEN_EVERY } from "./policy.js";
import type { SessionKind, SessionRow, Store } from "./store.js";

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
}

interface Opened {
  accountId: string;
  username: string;
  /** The demo account's; open only to a client that may use it. */
  isDemo: boolean;
  /** Where the person wanted to go. */
  next: string | undefined;
  /** What was proved: `password`, `totp`. */
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
}

export interface Opening {
  kind: SessionKind;
  accountId: string;
  methods: string;
  /** The pending login whose place the session takes. */
  openedFrom?: string;
  next: string | undefined;
  client: Client;
}

/** Opens a row, in a transaction that holds the account. */
export async function openSession(auth: AuthContext, store: Store, opening: Opening): Promise<NewSession> {
  const now = auth.clock();
  const id = Buffer.from(auth.random(32)).toString("base64url");
  const lifetime = opening.kind === "pending" ? auth.policy.pendingLogin : auth.policy.sessionMax;
  const row: SessionRow = {
    idHash: hashOf(id),
    kind: opening.kind,
    accountId: opening.accountId,
    openedFrom: opening.openedFrom ?? null,
    next: opening.next ?? null,
    methods: opening.methods,
    device: opening.client.device.slice(0, 256),
    address: opening.client.address,
    createdAt: now,
    lastSeenAt: now,
    expiresAt: now + lifetime,
    endedAt: null,
    data: "",
  };
  await store.sessions.open(row);
  return { id };
}

/** What the id in a cookie stands for now: nobody once it has ended or expired; undefined when it never was ours. */
export async function findSession(auth: AuthContext, id: string): Promise<SignInState | undefined> {
  const row = await auth.store.sessions.find(hashOf(id));
  if (!row) return undefined;
  if (row.endedAt !== null) return { kind: "anonymous" };
  const next = row.next ?? undefined;
  const endsAt = endOf(auth, row);
  if (auth.clock() >= endsAt) {
    return row.kind === "pending" ? { kind: "expired", username: row.username, next } : { kind: "anonymous" };
  }
  return {
    kind: row.kind,
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

/** Logging out: as above, and a pending login takes with it the session that a code in flight has made of it. */
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

function endOf(auth: AuthContext, row: Pick<SessionRow, "kind" | "lastSeenAt" | "expiresAt">): number {
  if (row.kind === "pending") return row.expiresAt;
  return Math.min(row.lastSeenAt + auth.policy.sessionIdle, row.expiresAt);
}

/** 256 random bits need no slow hash; a stolen database holds no cookie. */
function hashOf(id: string): string {
  return createHash("sha256").update(id).digest("base64url");
}
