/** The history of an account: what happened to it, for its owner to read. */
import type { AuthContext } from "./context.js";
import type { SecurityEventType } from "./events.js";
import type { Session } from "./sessions.js";
import type { HistoryEntry, Store } from "./store.js";

const REFUSALS: readonly SecurityEventType[] = ["password-refused", "code-refused", "recovery-code-refused"];

export interface HistoryLine {
  at: Date;
  /** One of a newer version may be none of ours. */
  type: SecurityEventType | (string & {});
  /** Why it was refused, or what was proved, separated by spaces. */
  reason: string | undefined;
  subject: string | undefined;
  byOperator: boolean;
  /** A User-Agent; empty for the operator. */
  device: string;
  address: string;
}

const PAGE = 50;

/** One page of the history, newest first, from page 1; `more` tells whether there is another. */
export async function historyOf(
  auth: AuthContext,
  session: Session,
  page: number,
): Promise<{ lines: HistoryLine[]; more: boolean }> {
  const rows = await auth.store.history.of(session.accountId, PAGE + 1, (page - 1) * PAGE);
  return { lines: rows.slice(0, PAGE).map(lineOf), more: rows.length > PAGE };
}

/** The newest lines, for the account page. */
export async function recentHistory(auth: AuthContext, accountId: string): Promise<HistoryLine[]> {
  return (await auth.store.history.of(accountId, 5, 0)).map(lineOf);
}

/** How many attempts were refused after a moment, the owner's own slips included. */
export function refusalsSince(store: Store, accountId: string, after: number): Promise<number> {
  return store.history.countSince(accountId, REFUSALS, after);
}

function lineOf({ at, type, reason, subject, byOperator, device, address }: HistoryEntry): HistoryLine {
  return {
    at: new Date(at),
    type,
    reason: reason ?? undefined,
    subject: subject ?? undefined,
    byOperator,
    device,
    address,
  };
}
