/** Parses a point in time from the command line. Tests: test/cli/totp-diagnose.test.ts */
import { UsageError } from "./command.js";

/** The last second that a Date can hold (ECMA-262 §21.4.1.1). */
const LAST_SECOND = 8.64e12;

const ISO_8601 =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/** Parses Unix seconds, or ISO 8601 (UTC unless it names a zone), and returns Unix seconds. @throws UsageError on anything else */
export function readTime(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : isoSeconds(text);
  if (!(seconds >= 0 && seconds <= LAST_SECOND)) {
    throw new UsageError(
      "--at must be Unix seconds or ISO 8601, such as 2009-02-13T23:31:30Z, and not before 1970.",
    );
  }
  return seconds;
}

/** The Unix seconds of an ISO 8601 time; NaN if the text is none, or names a day or hour that does not exist. */
function isoSeconds(text: string): number {
  const [, day, time = "00:00", zone = "Z"] = ISO_8601.exec(text) ?? [];
  // Date.parse reads February 30 as March 2.
  if (day === undefined || !isDay(day)) return Number.NaN;
  return Date.parse(`${day}T${time.replace(",", ".")}${fullZone(zone)}`) / 1000;
}

/** Whether the calendar has this day. */
function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}

/** Writes "+02" and "+0200" as "+02:00", the only form that JavaScript reads. */
function fullZone(zone: string): string {
  const [, hours, minutes = "00"] = /^([+-]\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  return hours === undefined ? "Z" : `${hours}:${minutes}`;
}
