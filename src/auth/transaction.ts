/** Transactions that write their own lines of an account's history: a change and its record hold together or not at all. */
import { type AuthContext, newId } from "./context.js";
import type { SecurityEvent, SecurityEventType } from "./events.js";
import type { Account, Store } from "./store.js";

/** For the log alone: attempts that were not looked at add no rows, nor does the first half of a sign-in. */
const NOT_KEPT: readonly SecurityEventType[] = [
  "password-accepted",
  "password-delayed",
  "code-delayed",
  "account-locked",
];

interface Work {
  store: Store;
  /** With its clock stopped: a transaction is one moment, so that what it writes and judges by the time agrees. */
  auth: AuthContext;
  /** Adds a line to the history as part of the transaction; the log hears of it once that holds. */
  record(event: SecurityEvent): Promise<void>;
}

/** Runs `work` in one transaction together with its lines of the history. Inside, await nothing but queries. */
export function inTransaction<T>(auth: AuthContext, work: (on: Work) => Promise<T>): Promise<T> {
  return transact(auth, (_store, begin) => work(begin()));
}

/** The same on one account, which is locked first and handed over as it is then; without it the answer is `gone`. */
export function onAccount<T>(
  auth: AuthContext,
  accountId: string,
  gone: T,
  work: (on: Work & { account: Account }) => Promise<T>,
): Promise<T> {
  return transact(auth, async (store, begin) => {
    const account = await store.accounts.lock(accountId);
    // Begun behind the lock: whatever it has waited for happened before.
    return account ? work({ ...begin(), account }) : gone;
  });
}

/** @param run calls `begin` once, at the moment that the transaction is to stand for */
async function transact<T>(
  auth: AuthContext,
  run: (store: Store, begin: () => Work) => Promise<T>,
): Promise<T> {
  const { result, events } = await auth.store.transaction(async (store) => {
    const events: SecurityEvent[] = [];
    const begin = (): Work => {
      const still = stopped(auth);
      return {
        store,
        auth: still,
        async record(event) {
          await keep(still, store, event);
          events.push(event);
        },
      };
    };
    return { result: await run(store, begin), events };
  });
  for (const event of events) auth.report(event);
  return result;
}

/** The world at this moment: its clock has been read once, and says the same from now on. */
export function stopped(auth: AuthContext): AuthContext {
  const now = auth.clock();
  return { ...auth, clock: () => now };
}

async function keep(auth: AuthContext, store: Store, event: SecurityEvent): Promise<void> {
  if (NOT_KEPT.includes(event.type)) return;
  const entry = {
    id: newId(auth.random),
    at: auth.clock(),
    type: event.type,
    reason: "reason" in event ? event.reason : null,
    subject: "subject" in event ? event.subject : null,
    byOperator: event.byOperator ?? false,
    device: event.device ?? "",
    address: event.address ?? "",
  };
  if (event.accountId === undefined) await store.history.addNone(entry);
  else await store.history.add({ ...entry, accountId: event.accountId });
}
