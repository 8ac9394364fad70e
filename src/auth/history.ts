/** The history of an account: what happened to it, for its owner to read. */
import type { AuthContext } from "./context.js";
import type { SecurityEventType } from "./events.js";
import type { Session } from "./sessions.js";
import type { HistoryEntry, Store } from "./store.js";

const REFUSALS: readonly SecurityEventType[] = ["password-refused", "code-refused", "recovery-code-refused"];

/** The event type of a right password without a second step; the line is removed when the second step is done. */
export const UNFINISHED = "password-accepted" satisfies SecurityEventType;

export interface HistoryLine {
  at: Date;
  /** A newer version may have written a type that we do not know. */
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

/** How many problems the history has after a moment. */
export interface Troubles {
  /** Refused attempts, the owner's own mistakes included. */
  refusals: number;
  /** Right passwords from unknown browsers without a second step. */
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
