/**
 * The history of an account: what happened to it, for its owner to read.
 * Tests: test/auth/account/history.test.ts, test/web/pages/history.test.ts, test/security/unfinished-logins.test.ts
 */
import type { AuthContext } from "../context.js";
import { factsOf, isProblem, PROBLEMS, type SecurityEventType } from "../events.js";
import type { Session } from "../sessions/sessions.js";
import type { HistoryEntry } from "../store.js";

export interface HistoryLine {
  at: Date;
  /** A newer version may have written a type that we do not know. */
  type: SecurityEventType | (string & {});
  /** Why it was refused, or what was proved, separated by spaces. */
  reason: string | undefined;
  subject: string | undefined;
  /** `operator` or `host`; undefined for the owner. */
  byKind: string | undefined;
  /** A User-Agent; empty for the operator. */
  device: string;
  address: string;
}

const PAGE = 50;

const RECENT = 5;

/**
 * One page of the history, newest first, from page 1; `more` tells whether there is another. With `problems` only what the owner
 * should look at.
 */
export async function historyOf(
  auth: AuthContext,
  session: Session,
  page: number,
  { problems = false }: { problems?: boolean } = {},
): Promise<{ lines: HistoryLine[]; more: boolean }> {
  const types = problems ? PROBLEMS : undefined;
  const rows = await auth.store.history.of(session.accountId, PAGE + 1, (page - 1) * PAGE, types);
  return { lines: rows.slice(0, PAGE).map(lineOf), more: rows.length > PAGE };
}

/** The newest lines, for the account page, equal refusals merged. */
export async function recentHistory(auth: AuthContext, accountId: string): Promise<HistoryGroup[]> {
  const lines = (await auth.store.history.of(accountId, PAGE, 0)).map(lineOf);
  return mergeRepeats(lines).slice(0, RECENT);
}

/** One line, or equal refusals in a row: its `at` is the last of them. */
export interface HistoryGroup extends HistoryLine {
  /** Whether the owner should look at it: a refusal, or a right password without a second step. */
  isProblem: boolean;
  count: number;
  /** When the first of them was; `at` for a single one. */
  firstAt: Date;
}

/**
 * Merges equal refusals in a row from one browser and address, each within an hour of the next, so that a mistyped code sent six
 * times takes one entry. Across midnight too, because the reader's day is not the server's. @param lines newest first
 */
export function mergeRepeats(lines: readonly HistoryLine[]): HistoryGroup[] {
  const groups: HistoryGroup[] = [];
  for (const line of lines) {
    const newer = groups.at(-1);
    if (newer && isRepeat(newer, line)) {
      newer.count += 1;
      newer.firstAt = line.at;
    } else groups.push({ ...line, isProblem: isProblem(line), count: 1, firstAt: line.at });
  }
  return groups;
}

const MAX_PAUSE_MS = 3_600_000;

const SAME = ["type", "reason", "subject", "byKind", "device", "address"] as const;

function isRepeat(newer: HistoryGroup, line: HistoryLine): boolean {
  const isRefusal = factsOf(newer).outcome === "failure";
  const isSoon = newer.firstAt.getTime() - line.at.getTime() <= MAX_PAUSE_MS;
  return isRefusal && isSoon && SAME.every((name) => newer[name] === line[name]);
}

function lineOf({ at, type, reason, subject, byKind, device, address }: HistoryEntry): HistoryLine {
  return {
    at: new Date(at),
    type,
    reason: reason ?? undefined,
    subject: subject ?? undefined,
    byKind: byKind ?? undefined,
    device,
    address,
  };
}
