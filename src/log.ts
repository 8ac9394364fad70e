/** The log: JSON lines; in a terminal, lines for people. */
import { type Logger, pino } from "pino";
import type { Config } from "./config.js";

export async function createLog(level: Config["logLevel"]): Promise<Logger> {
  if (!process.stdout.isTTY) return pino({ level });
  const { default: pretty } = await import("pino-pretty");
  return pino({ level }, pretty({ sync: true, ignore: "pid,hostname", translateTime: "SYS:HH:MM:ss" }));
}
