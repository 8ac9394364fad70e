/** Checks the server's clock against the clocks of all accounts' authenticators. */
import { type Examined, type Finding, throwawayKey, unknown } from "./finding.js";

export async function checkClock({ io, authWith }: Examined): Promise<Finding> {
  if (!authWith) return unknown("the database and its tables");
  const { MIN_ACCOUNTS } = await import("../../auth/index.js");
  const clock = await authWith(throwawayKey(io)).serverClock();
  const { accounts } = clock;
  if (clock.verdict === "too-few") {
    const says = `Not known yet: ${accounts} of ${MIN_ACCOUNTS} accounts have typed a code in the last hours.`;
    return { state: "unknown", says, facts: { accounts } };
  }
  const { seconds } = clock;
  const since = clock.since.toISOString();
  const by = `by the authenticators of ${accounts} accounts since ${isoMinute(clock.since)}`;
  const facts = { accounts, seconds, since };
  if (clock.verdict === "right") return { state: "ok", says: `It is right, ${by}.`, facts };
  const says = `The server is about ${Math.abs(seconds)} s ${seconds > 0 ? "ahead" : "behind"}, ${by}.`;
  const remedy =
    "Set it by a time server (on Linux `timedatectl` tells whether that is on). Afterwards this still speaks of the time " +
    `before, until ${MIN_ACCOUNTS} accounts have signed in in a newer window of four hours, or a day has passed.`;
  return { state: "problem", says, remedy, facts };
}

/** "2026-11-24T12:00Z" */
function isoMinute(date: Date): string {
  return `${date.toISOString().slice(0, 16)}Z`;
}
