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

const FRACTIONS = ["", "½"];

/** How far a clock is off, as people say it: "20 seconds", "2½ minutes", "1 hour". @param seconds of either sign */
export function aboutHowLong(seconds: number): string {
  const exact = Math.abs(seconds);
  if (exact < 55) return amount(Math.round(exact / 10) * 10, "second");
  const [unit, name] = exact < 3_585 ? [60, "minute"] : [3_600, "hour"];
  const halves = Math.round((exact / unit) * 2);
  return `${Math.floor(halves / 2)}${FRACTIONS[halves % 2]} ${name}${halves === 2 ? "" : "s"}`;
}

/** "SHA-256" */
export function algorithmName(algorithm: string): string {
  return algorithm.replace("SHA", "SHA-");
}

/** An authenticator's drift, as the start of a sentence. @param seconds ahead of our clock, negative if behind */
export function driftText(seconds: number): string {
  if (Math.abs(seconds) < 15) return "Its clock agrees with ours";
  return `Its clock is about ${aboutHowLong(seconds)} ${seconds < 0 ? "behind" : "ahead"}`;
}

/** "14:32 UTC": the server knows no other zone; local-time.js turns it into the reader's own. */
export function clock(date: Date): string {
  return `${date.toISOString().slice(11, 16)} UTC`;
}

/** "14:32:05 UTC", for comparing two clocks. */
export function exactClock(date: Date): string {
  return `${date.toISOString().slice(11, 19)} UTC`;
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

/** "24 November 2026 at 14:32 UTC". */
export function moment(date: Date): string {
  return `${day(date)} at ${clock(date)}`;
}

/** "a", "a and b", "a, b and c". */
export function listOf(items: readonly string[], word = "and"): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} ${word} ${items.at(-1)}`;
}

/** "An unknown browser": a phrase with a capital letter, for the start of a line. */
export function capital(phrase: string): string {
  return phrase.charAt(0).toUpperCase() + phrase.slice(1);
}

/** A session's sign-in methods, for example ["password", "totp"], as a phrase that follows "with". */
export function methodNames(methods: readonly string[]): string {
  return listOf(methods.map((method) => METHOD_NAMES.get(method) ?? method));
}

const METHOD_NAMES = new Map([
  ["password", "your password"],
  ["totp", "a code from your authenticator"],
  ["recovery-code", "a recovery code"],
  ["trusted-device", "a trusted device"],
]);

/** "JBSW Y3DP …": a secret in groups, so that people who type it keep their place. */
export function groupsOfFour(secret: string): string {
  return secret.match(/.{1,4}/g)?.join(" ") ?? "";
}

/** "123 456": six digits as apps show them, on one line. */
export function groupsOfThree(code: string): string {
  return code.match(/.{1,3}/g)?.join("\u00a0") ?? "";
}

/** The href for the operator's CONTACT: `mailto:` or a page; undefined if it is neither kind of address. */
export function contactHref(contact: string): string | undefined {
  if (/^https?:\/\/\S+$/.test(contact)) return contact;
  return /^[^\s@:/]+@[^\s@:/]+$/.test(contact) ? `mailto:${contact}` : undefined;
}

/** How many seconds of the current 30-second time step have passed (RFC 6238 section 4.1): 0 to 29. */
export function secondOfStep(date: Date): number {
  return Math.floor(date.getTime() / SECOND) % 30;
}

/** "2 minutes 30 seconds", without the small unit if it is zero. Rounds up to the small unit. */
/** "ten", "12": a count up to ten as a word. */
export function inWords(count: number): string {
  return WORDS[count] ?? String(count);
}

const WORDS = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
