/**
 * The sessions of an account as its owner sees them, and how many are live in all.
 * Tests: test/web/pages/account-sessions.test.ts, test/security/other-peoples-rows.test.ts
 */
import { inBatches } from "../batches.js";
import { type AuthContext, aboutOf, type Client } from "../context.js";
import { COUNT_BATCH, MAX_SESSIONS } from "../policy.js";
import type { SessionRow, Store } from "../store.js";
import { inSession } from "./in-session.js";
import type { Session } from "./sessions.js";

export interface SessionView {
  /** Names it in a form, also across a step-up; opens nothing. */
  id: string;
  /** A User-Agent. */
  device: string;
  address: string;
  startedAt: Date;
  lastSeenAt: Date;
  /** Whether it is the browser that asks. */
  current: boolean;
}

/** The newest live sessions of an account, the current one first. */
export async function sessionsOf(auth: AuthContext, session: Session): Promise<SessionView[]> {
  const rows = await liveSessions(auth, auth.store, session.accountId);
  const views = rows.map(({ family, device, address, createdAt, lastSeenAt }) => ({
    id: family,
    device,
    address,
    startedAt: new Date(createdAt),
    lastSeenAt: new Date(lastSeenAt),
    current: family === session.family,
  }));
  return views.sort((one, other) => Number(other.current) - Number(one.current));
}

function liveSessions(auth: AuthContext, store: Store, accountId: string): Promise<SessionRow[]> {
  const now = auth.clock();
  return store.sessions.live(accountId, now, now - auth.policy.sessionIdle, MAX_SESSIONS);
}

/** How many sessions of all accounts are live, counted in batches. @throws StoreUnavailable when a batch takes too long */
export async function sessionCount({ store, clock, policy }: AuthContext): Promise<number> {
  const now = clock();
  let total = 0;
  let after = now;
  await inBatches(async () => {
    const some = await store.withDeadline(() =>
      store.sessions.countBatch(after, now - policy.sessionIdle, COUNT_BATCH),
    );
    total += some.total;
    after = some.upTo ?? after;
    return some.upTo === undefined;
  });
  return total;
}

type Revoke = { outcome: "ended" | "unknown" | "expired" };

/** Revokes one of the owner's sessions, by its id in the list; `unknown`: it had ended, or was never the owner's. */
export function revokeListed(
  auth: AuthContext,
  session: Session,
  id: string,
  client: Client,
): Promise<Revoke> {
  const expired: Revoke = { outcome: "expired" };
  return inSession(auth, session, expired, async ({ auth, store, record }) => {
    const ended = await store.sessions.revokeFamily(session.accountId, id, auth.clock());
    if (!ended) return { outcome: "unknown" };
    await record({ type: "session-ended", ...aboutOf(session, client) });
    return { outcome: "ended" };
  });
}

/** Revokes every session and pending login of the account except this session. */
export function revokeOthers(auth: AuthContext, session: Session, client: Client): Promise<Revoke> {
  const expired: Revoke = { outcome: "expired" };
  return inSession(auth, session, expired, async ({ auth, store, record }) => {
    const live = await liveSessions(auth, store, session.accountId);
    await store.sessions.revokeAllExcept(session.accountId, auth.clock(), session.idHash);
    if (live.some(({ idHash }) => idHash !== session.idHash))
      await record({ type: "other-sessions-ended", ...aboutOf(session, client) });
    return { outcome: "ended" };
  });
}
