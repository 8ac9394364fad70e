/** The history of an account: what happened to it, for its owner to read. */
import type { AuthContext } from "./context.js";
import type { SecurityEventType } from "./events.js";
import type { Session } from "./sessions.js";
import type { HistoryEntry, Store } from "./store.js";

const REFUSALS: readonly SecurityEventType[] = ["password-refused", "code-refused", "recovery-code-refused"];

/** The line of a right password; it is taken back when the second step is done. */
export const UNFINISHED = "password-accepted" satisfies SecurityEventType;

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

/** What went wrong after a moment, in numbers. */
export interface Troubles {
  /** Attempts that were refused, the owner's own slips included. */
  refusals: number;
  /** Right passwords, from unknown browsers, that no second step has followed. */
  unfinished: number;
}

export async function troublesSince(store: Store, accountId: string, after: number): Promise<Troubles> {
  const counts = await store.history.countSince(accountId, [...REFUSALS, UNFINISHED], after);
  const sum = (types: readonly string[]) => types.reduce((total, type) => total + (counts.get(type) ?? 0), 0);
  return { refusals: sum(REFUSALS), unfinished: sum([UNFINISHED]) };
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
