/**
 * Reports events: what happened is given an id, a time and a name for the sign-in that caused it, no matter who reads it then.
 * Tests: test/security/events-of-a-session.test.ts
 */
import { type AuthContext, newId } from "./context.js";
import type { Report, ReportedEvent, SecurityEvent } from "./events.js";

/** Makes the context's `report` from what receives the events. */
export function reporter(
  parts: Pick<AuthContext, "clock" | "random" | "keyedHashes">,
  report: Report,
): AuthContext["report"] {
  return (event) => report(reportedEvent(parts, event));
}

/** 128 bits of a hash: two sign-ins never have the same. */
const SESSION_LENGTH = 22;

/**
 * A sign-in is named by a keyed hash of its `family`, which is the hash of a cookie's id: anyone who has the events and the database
 * cannot tell which row it was.
 */
function reportedEvent(
  { clock, random, keyedHashes }: Pick<AuthContext, "clock" | "random" | "keyedHashes">,
  { family, ...event }: SecurityEvent,
): ReportedEvent {
  const session = family === undefined ? undefined : keyedHashes.of("session of an event", family);
  return {
    ...event,
    id: event.id ?? newId(random),
    at: event.at ?? new Date(clock()),
    ...(session !== undefined && { session: session.slice(0, SESSION_LENGTH) }),
  };
}
