/** Transactions that write their own lines of an account's history: a change and its record hold together or not at all. */
import { type AuthContext, newId } from "./context.js";
import type { SecurityEvent, SecurityEventType } from "./events.js";
import type { Store } from "./store.js";

/** For the log alone: attempts that were not looked at add no rows, nor does the first half of a sign-in. */
const NOT_KEPT: readonly SecurityEventType[] = [
  "password-accepted",
  "password-delayed",
  "code-delayed",
  "account-locked",
];

interface Work<T> {
  store: Store;
  /** Adds a line to the history as part of the transaction; the log hears of it once that holds. */
  record(event: SecurityEvent): Promise<void>;
  /** Ends the work with this outcome and undoes all that it wrote. */
  undo(outcome: T): never;
}

/** Runs `work` in one transaction together with its lines of the history. Inside, await nothing but queries. */
export async function inTransaction<T>(auth: AuthContext, work: (on: Work<T>) => Promise<T>): Promise<T> {
  const events: SecurityEvent[] = [];
  let undone: { outcome: T } | undefined;
  try {
    const result = await auth.store.transaction((store) =>
      work({
        store,
        async record(event) {
          await keep(auth, store, event);
          events.push(event);
        },
        undo(outcome) {
          undone = { outcome };
          throw new Undone();
        },
      }),
    );
    for (const event of events) auth.report(event);
    return result;
  } catch (error) {
    if (error instanceof Undone && undone) return undone.outcome;
    throw error;
  }
}

/** Thrown through the storage, which then rolls back. */
class Undone extends Error {}

async function keep(auth: AuthContext, store: Store, event: SecurityEvent): Promise<void> {
  if (event.accountId === undefined || NOT_KEPT.includes(event.type)) return;
  await store.history.add({
    id: newId(auth.random),
    accountId: event.accountId,
    at: auth.clock(),
    type: event.type,
    reason: "reason" in event ? event.reason : null,
    subject: "subject" in event ? event.subject : null,
    byOperator: event.byOperator ?? false,
    device: (event.device ?? "").slice(0, 256),
    address: event.address ?? "",
  });
}
