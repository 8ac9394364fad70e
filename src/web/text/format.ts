/** Formats times, durations, counts and lists in plain English: pure functions, which every view gets under these names. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Milliseconds as at most two units, "2 minutes 30 seconds". Rounded up, so that nobody comes back too early. */
export function duration(ms: number): string {
  const exact = Math.max(0, ms);
  if (Math.ceil(exact / SECOND) < 60) return amount(Math.ceil(exact / SECOND), "second");
  if (Math.ceil(exact / SECOND) < 3600) return twoUnits(exact, MINUTE, "minute", SECOND, "second");
  if (Math.ceil(exact / MINUTE) < 1440) return twoUnits(exact, HOUR, "hour", MINUTE, "minute");
  return twoUnits(exact, DAY, "day", HOUR, "hour");
}

function twoUnits(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const smalls = Math.ceil(ms / small);
  const perLarge = large / small;
  const rest = smalls % perLarge;
  const whole = amount(Math.floor(smalls / perLarge), largeName);
  return rest === 0 ? whole : `${whole} ${amount(rest, smallName)}`;
}

/** "1 second", "2 seconds". */
export function amount(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** "1 code is", "2 codes are". */
export function amountIs(count: number, unit: string): string {
  return `${amount(count, unit)} ${count === 1 ? "is" : "are"}`;
}

/** "24 November 2026", in UTC. */
export function day(date: Date): string {
  return DAY_FORMAT.format(date);
}

/** Created once: that takes longer than formatting a hundred dates. */
const DAY_FORMAT = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "long",
  year: "numeric",
  timeZone: "UTC",
});

/** "a", "a and b", "a, b and c". */
export function listOf(items: readonly string[], word = "and"): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} ${word} ${items.at(-1)}`;
}

/** "JBSW Y3DP …": a secret in groups, so that people who type it keep their place. */
export function groupsOfFour(secret: string): string {
  return secret.match(/.{1,4}/g)?.join(" ") ?? "";
}

/** "123 456": six digits as apps show them, on one line. */
export function groupsOfThree(code: string): string {
  return code.match(/.{1,3}/g)?.join("\u00a0") ?? "";
}

/** How many seconds of the current 30-second time step have passed (RFC 6238 section 4.1): 0 to 29. */
export function secondOfStep(date: Date): number {
  return Math.floor(date.getTime() / SECOND) % 30;
}

/** "ten", "12": a count up to ten as a word. */
export function inWords(count: number): string {
  return WORDS[count] ?? String(count);
}

const WORDS = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
