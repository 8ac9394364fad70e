/** The log: JSON lines; in a terminal, lines for people. */
import { type Logger, pino } from "pino";
import { factsOf, type Report } from "./auth/index.js";
import type { Config } from "./config/config.js";

/** Logs for a person who reads them in a terminal. */
const forPeople = new WeakSet<Logger>();

export async function createLog(level: Config["logLevel"]): Promise<Logger> {
  if (!process.stdout.isTTY) return pino({ level });
  const { default: pretty } = await import("pino-pretty");
  const lines = pretty({
    sync: true,
    ignore: "pid,hostname",
    translateTime: "SYS:HH:MM:ss",
    singleLine: true,
  });
  const log = pino({ level }, lines);
  forPeople.add(log);
  return log;
}

/** Whether a person reads the log in a terminal; then it leaves out what only programs need. */
export function isForPeople(log: Logger): boolean {
  return forPeople.has(log);
}

/** Writes security events at every level of a log but `silent`: a child of it has a level of its own. */
export function securityLog(log: Logger): Report {
  const events = log.child({}, { level: "info" });
  return (event) => {
    // A host may silence its log while it runs.
    if (log.level === "silent") return;
    const { severity, outcome } = factsOf(event);
    events.info({ ...event, severity, outcome }, "security event");
  };
}
