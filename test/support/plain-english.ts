/** Finds English that does not come from the catalogue, on a page in the pseudo-locale: there every letter of a message is accented. */

/** Attributes whose values are for people. */
const SPOKEN = /\s(aria-label|alt|title|placeholder|data-[a-z-]+|value)="([^"]*)"/g;

/** Attributes for programs. */
const TECHNICAL = new Set([
  "data-reason",
  "data-message",
  "data-purpose",
  "data-standing",
  "data-event",
  "data-detail",
  "data-local",
  "data-countdown",
  "data-ends-in",
  "data-copy",
  "data-step",
  "value",
]);

/**
 * The words of a page that hold a plain letter, and are none of `values`: what the page shows of data, for example a username.
 * Times, codes and keys are left out: a script or Intl writes them.
 */
export function plainEnglishOn(html: string, values: readonly string[]): string[] {
  const body = html
    .replace(/<(script|style|svg|time|code)\b[^>]*>.*?<\/\1>/gs, "")
    .replace(/<!--.*?-->/gs, "");
  const attributes = [...body.matchAll(SPOKEN)].flatMap(([, name = "", value = ""]) =>
    TECHNICAL.has(name) ? [] : [value],
  );
  const text = [body.replace(/<[^>]*>/g, "\n"), ...attributes].join("\n").replace(/&[#\w]+;/g, " ");
  const withoutValues = values
    .toSorted((one, other) => other.length - one.length)
    .reduce((left, value) => left.replaceAll(value, " "), text);
  return [...new Set(withoutValues.match(/[A-Za-z]{2,}/g) ?? [])];
}
