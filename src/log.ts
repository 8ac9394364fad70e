/** Creates the log (JSON lines, or readable lines in a terminal), and writes security events to it. */
import { type Logger, pino } from "pino";
import { factsOf, type Report } from "./auth/index.js";
import type { Config } from "./config/config.js";

/** Logs that write readable lines to a terminal. */
const terminalLogs = new WeakSet<Logger>();

/** A log on standard output: JSON lines, or readable lines if that is a terminal. */
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
  terminalLogs.add(log);
  return log;
}

/** Whether a log writes readable lines to a terminal; the request log then leaves out what only programs need. */
export function isForPeople(log: Logger): boolean {
  return terminalLogs.has(log);
}

/** Returns a function that writes security events to a log at every level but `silent`, by a child log with a level of its own. */
export function securityLog(log: Logger): Report {
  const events = log.child({}, { level: "info" });
  return (event) => {
    // Read for each event, because a host app may silence its log at run time.
    if (log.level === "silent") return;
    const { severity, outcome } = factsOf(event);
    events.info({ ...event, severity, outcome }, "security event");
  };
}
