/** Formats times, durations and lists for a language: all by `Intl`, so that a new language needs no code. */
import { escapeValue } from "./markup.js";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type Unit = "second" | "minute" | "hour" | "day";

/** How a moment is written. The server knows no zone but UTC; local-time.js rewrites each in the reader's own. */
export type TimeStyle = "clock" | "exact" | "day" | "short";

const TIME_STYLES: Record<TimeStyle, Intl.DateTimeFormatOptions> = {
  /** "14:32 UTC" */
  clock: { hour: "2-digit", minute: "2-digit", timeZoneName: "short" },
  /** "14:32:05 UTC", for comparing two clocks */
  exact: { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" },
  /** "24 Nov 2026" */
  day: { day: "numeric", month: "short", year: "numeric" },
  /** "24 Nov 2026, 14:32 UTC"; with scripts "Today, 14:32" */
  short: {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
  },
};

/** "Tuesday, 24 November 2026 at 14:32:05 UTC": the whole moment, for `title`. */
const WHOLE: Intl.DateTimeFormatOptions = { dateStyle: "full", timeStyle: "long" };

export interface Formats {
  /** Milliseconds as at most two units, "2 minutes 30 seconds". Rounded up, so that nobody comes back too early. */
  duration(ms: number): string;
  /** How far a clock is off, as people say it: "20 seconds", "2½ minutes", "1 hour". @param seconds of either sign */
  about(seconds: number): string;
  /** A `<time>` element. */
  time(at: Date, style: TimeStyle): string;
  /** "a, b and c", or with "or". */
  list(items: readonly string[], type?: "conjunction" | "disjunction"): string;
}

/**
 * @param locale a BCP 47 tag that Intl knows, for example `en-GB`
 * @param change turns the words of durations and lists into others, for the pseudo-locale
 */
export function createFormats(locale: string, change: (text: string) => string = (text) => text): Formats {
  const units = memoize(
    (unit: Unit) =>
      new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 1 }),
  );
  const times = memoize(
    (style: TimeStyle) =>
      new Intl.DateTimeFormat(locale, { ...TIME_STYLES[style], timeZone: "UTC", hourCycle: "h23" }),
  );
  const lists = memoize((type: "conjunction" | "disjunction") => new Intl.ListFormat(locale, { type }));
  const whole = new Intl.DateTimeFormat(locale, { ...WHOLE, timeZone: "UTC", hourCycle: "h23" });
  const amount = (count: number, unit: Unit) => change(units(unit).format(count));

  /** Without the small unit if it is zero. */
  function twoUnits(ms: number, [large, largeUnit]: [number, Unit], [small, smallUnit]: [number, Unit]) {
    const smalls = Math.ceil(ms / small);
    const rest = smalls % (large / small);
    const wholes = amount(Math.floor(smalls / (large / small)), largeUnit);
    return rest === 0 ? wholes : `${wholes} ${amount(rest, smallUnit)}`;
  }

  return {
    duration(ms) {
      const exact = Math.max(0, ms);
      if (Math.ceil(exact / SECOND) < 60) return amount(Math.ceil(exact / SECOND), "second");
      if (Math.ceil(exact / SECOND) < 3_600) return twoUnits(exact, [MINUTE, "minute"], [SECOND, "second"]);
      if (Math.ceil(exact / MINUTE) < 1_440) return twoUnits(exact, [HOUR, "hour"], [MINUTE, "minute"]);
      return twoUnits(exact, [DAY, "day"], [HOUR, "hour"]);
    },
    about(seconds) {
      const exact = Math.abs(seconds);
      if (exact < 55) return amount(Math.round(exact / 10) * 10, "second");
      const [length, unit] = exact < 3_585 ? ([60, "minute"] as const) : ([3_600, "hour"] as const);
      const halves = Math.round((exact / length) * 2);
      // "2½ minutes": the unit of 2.5, with ½ in place of the decimal part.
      const parts = units(unit).formatToParts(halves / 2);
      return change(
        parts
          .map(({ type, value }) => (type === "decimal" ? "" : type === "fraction" ? "½" : value))
          .join(""),
      );
    },
    time(at, style) {
      const title = style === "exact" ? "" : ` title="${escapeValue(whole.format(at))}"`;
      return `<time datetime="${at.toISOString()}" data-local="${style}"${title}>${escapeValue(times(style).format(at))}</time>`;
    },
    list: (items, type = "conjunction") =>
      lists(type)
        .formatToParts(items)
        .map((part) => (part.type === "element" ? part.value : change(part.value)))
        .join(""),
  };
}

/** Creates each formatter once: that takes longer than formatting a hundred values. */
function memoize<Key, Made>(make: (key: Key) => Made): (key: Key) => Made {
  const made = new Map<Key, Made>();
  return (key) => {
    const known = made.get(key) ?? make(key);
    made.set(key, known);
    return known;
  };
}
