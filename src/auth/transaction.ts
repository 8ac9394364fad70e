/** Transactions that write their own lines of an account's history: a change and its record hold together or not at all. */
import { type AuthContext, newId } from "./context.js";
import { factsOf, type SecurityEvent } from "./events.js";
import type { Account, RecordedEvent, Store } from "./store.js";

interface Work {
  store: Store;
  /** Adds a line to the history as part of the transaction; the log hears of it once that holds. */
  record(event: SecurityEvent): Promise<void>;
}

/** Runs `work` in one transaction together with its lines of the history. Inside, await nothing but queries. */
export async function inTransaction<T>(auth: AuthContext, work: (on: Work) => Promise<T>): Promise<T> {
  const { result, events } = await auth.store.transaction(async (store) => {
    const events: SecurityEvent[] = [];
    const result = await work({
      store,
      async record(event) {
        await keep(auth, store, event);
        events.push(event);
      },
    });
    return { result, events };
  });
  if (auth.operator === undefined) for (const event of events) auth.report(event);
  return result;
}

/** The same on one account, which is locked first and handed over as it is then; without it the answer is `gone`. */
export function onAccount<T>(
  auth: AuthContext,
  accountId: string,
  gone: T,
  work: (on: Work & { account: Account }) => Promise<T>,
): Promise<T> {
  return inTransaction(auth, async (on) => {
    const account = await on.store.accounts.lock(accountId);
    return account ? work({ ...on, account }) : gone;
  });
}

async function keep(auth: AuthContext, store: Store, event: SecurityEvent): Promise<void> {
  const what = {
    id: newId(auth.random),
    at: auth.clock(),
    type: event.type,
    reason: ("reason" in event ? event.reason : undefined) ?? null,
    subject: ("subject" in event ? event.subject : undefined) ?? null,
    byName: event.by?.name ?? null,
  };
  if (auth.operator !== undefined) await keepForServer(store, what, event);
  if (!factsOf(event).inHistory) return;
  const entry = {
    ...what,
    byOperator: event.by?.kind === "operator",
    device: event.device ?? "",
    address: event.address ?? "",
  };
  if (event.accountId === undefined) await store.history.addNone(entry);
  else await store.history.add({ ...entry, accountId: event.accountId });
}

/** Beside the history, which goes with its account. */
function keepForServer(
  store: Store,
  what: Pick<RecordedEvent, "id" | "at" | "type" | "reason" | "subject" | "byName">,
  { accountId, username, by }: SecurityEvent,
): Promise<void> {
  const whom = { accountId: accountId ?? null, username: username ?? null };
  return store.events.add({ ...what, ...whom, byKind: by?.kind ?? "operator" });
}
