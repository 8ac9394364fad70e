/** Where to go after signing in: only ever a path of this site (CWE-601, open redirect). */

const HERE = "http://here.invalid";

/** As a parameter, in characters; a proxy answers 502 to a redirect whose header is longer than a few kilobytes. */
const LONGEST = 3_000;

/** The normalised path with its query; undefined for anything that could lead elsewhere. */
export function safePath(wanted: unknown): string | undefined {
  if (typeof wanted !== "string" || !wanted.startsWith("/")) return undefined;
  if (!URL.canParse(wanted, HERE)) return undefined;
  const url = new URL(wanted, HERE);
  // Judged after normalising: `/.//evil.example` has become `//evil.example` by now.
  const path = `${url.pathname}${url.search}${url.hash}`;
  return url.origin === HERE && !path.startsWith("//") && encodeURIComponent(path).length <= LONGEST
    ? path
    : undefined;
}
