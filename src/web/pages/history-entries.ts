/**
 * The history as pages show it: what happened, how and from where, with problems marked; by day.
 * Tests: test/web/pages/history.test.ts
 */
import type { HistoryGroup } from "../../auth/index.js";
import type { Message } from "../catalogue/message.js";
import { eventDetail, eventTitle } from "../text/event-text.js";

export interface HistoryEntry extends Pick<HistoryGroup, "type" | "reason" | "at" | "firstAt" | "isProblem"> {
  title: Message;
  detail: Message;
}

export function historyEntries(groups: readonly HistoryGroup[]): HistoryEntry[] {
  return groups.map((group) => ({
    type: group.type,
    reason: group.reason,
    at: group.at,
    firstAt: group.firstAt,
    isProblem: group.isProblem,
    title: eventTitle(group),
    detail: eventDetail(group),
  }));
}

export interface HistoryDay {
  /** A moment of that day. */
  at: Date;
  entries: HistoryEntry[];
}

/** The days in UTC. Where scripts run, local-time.js makes them the reader's. @param entries newest first */
export function byDay(entries: readonly HistoryEntry[]): HistoryDay[] {
  const days: HistoryDay[] = [];
  for (const entry of entries) {
    const day = days.at(-1);
    if (day && dateOf(day.at) === dateOf(entry.at)) day.entries.push(entry);
    else days.push({ at: entry.at, entries: [entry] });
  }
  return days;
}

/** "2026-11-24" */
function dateOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}
