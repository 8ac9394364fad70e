/**
 * The history of an account: what happened to it, for its owner to read.
 * Tests: test/web/pages/history.test.ts, test/security/unfinished-logins.test.ts
 */
import type { AuthContext } from "../context.js";
import type { SecurityEventType } from "../events.js";
import type { Session } from "../sessions/sessions.js";
import type { HistoryEntry } from "../store.js";

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
