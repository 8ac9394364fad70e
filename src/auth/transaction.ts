/**
 * Transactions that append to an account's history: a change and its record are committed together or not at all.
 * Tests: test/security/faults-half-way.test.ts, test/security/running-clock.test.ts
 */
import { type AuthContext, newId } from "./context.js";
import { factsOf, type SecurityEvent } from "./events.js";
import { MAX_HISTORY, TRIM_BATCH } from "./policy.js";
import type { Account, HistoryEntry, Store } from "./store.js";

export interface Work {
  store: Store;
  /**
   * The context with a stopped clock, read at its first use: everything in one transaction agrees about the time. Inside `work`,
   * use this one, never the context from outside.
   */
  auth: AuthContext;
  /** Appends a line to the history as part of the transaction. The log gets it after the commit. */
  record(event: SecurityEvent): Promise<void>;
}

/** Runs `work` in one transaction together with its lines of the history. Inside, await nothing but queries. */
export async function inTransaction<T>(auth: AuthContext, work: (on: Work) => Promise<T>): Promise<T> {
  const { result, events } = await auth.store.transaction(async (store) => {
    const events: SecurityEvent[] = [];
    const accountIds = new Set<string>();
    const context = withStoppedClock(auth);
    const record = async (event: SecurityEvent) => {
      const entry = entryOf(context, event);
      const accountId = await append(context, store, event, entry);
      if (accountId !== undefined) accountIds.add(accountId);
      events.push({ ...event, id: entry.id, at: new Date(entry.at) });
    };
    const result = await work({ store, auth: context, record });
    for (const accountId of accountIds) await store.history.trim(accountId, MAX_HISTORY, TRIM_BATCH);
    return { result, events };
  });
  if (auth.operator === undefined) for (const event of events) auth.report(event);
  return result;
}

export type WorkOnAccount<T> = (on: Work & { account: Account }) => Promise<T>;

/**
 * The same on one account: locks its row and passes the account to `work`; without such an account the answer is `gone`. The
 * clock is read after the lock is held, so what the transaction waited for lies in the past.
 */
export function onAccount<T>(
  auth: AuthContext,
  accountId: string,
  gone: T,
  work: WorkOnAccount<T>,
): Promise<T> {
  return inTransaction(auth, async (on) => {
    const account = await on.store.accounts.lockRow(accountId);
    return account ? work({ ...on, account }) : gone;
  });
}

/** The same context with a clock that stops at its first reading. */
export function withStoppedClock(auth: AuthContext): AuthContext {
  let now: number | undefined;
  const clock = () => {
    now ??= auth.clock();
    return now;
  };
  return { ...auth, clock };
}

/** @returns the account whose history got a line */
async function append(
  auth: AuthContext,
  store: Store,
  event: SecurityEvent,
  entry: Omit<HistoryEntry, "accountId">,
): Promise<string | undefined> {
  if (auth.operator !== undefined) await appendForServer(store, entry, event);
  if (!factsOf(event).inHistory) return undefined;
  if (event.accountId === undefined) await store.history.addAndRemove(entry);
  else await store.history.add({ ...entry, accountId: event.accountId });
  return event.accountId;
}

/** An event as a line of the history. */
export function entryOf(auth: AuthContext, event: SecurityEvent): Omit<HistoryEntry, "accountId"> {
  return {
    id: newId(auth.random),
    at: auth.clock(),
    type: event.type,
    reason: ("reason" in event ? event.reason : undefined) ?? null,
    subject: ("subject" in event ? event.subject : undefined) ?? null,
    byKind: event.by?.kind ?? null,
    byName: event.by?.name ?? null,
    device: event.device ?? "",
    address: event.address ?? "",
  };
}

/** Stores the event for a server to report. Unlike the history, it outlives the account. */
function appendForServer(
  store: Store,
  { id, at, type, reason, subject, byName }: Omit<HistoryEntry, "accountId">,
  { accountId, username, by }: SecurityEvent,
): Promise<void> {
  const whom = { accountId: accountId ?? null, username: username ?? null };
  return store.events.add({ id, at, type, reason, subject, byName, ...whom, byKind: by?.kind ?? "operator" });
}
