/** What reached the app, and what it would read in the headers. */
import type { Heard } from "../support/echo-app.js";
import type { Site } from "./site.js";

/** What has reached the app since this was asked before. */
export function heardBy(site: Pick<Site, "heard">): Heard[] {
  return site.heard.splice(0);
}

/** All values of a header, for an app that reads `_`, `.` and the like as `-` (CGI, WSGI and PHP do). */
export function valuesOf({ headers }: Heard, wanted: string): string[] {
  return pairs(headers).flatMap(([name, value]) => (name === wanted ? [value] : []));
}

/** Everything that the app is told about the person. */
export function identityIn({ headers }: Heard): Record<string, string[]> {
  const told: Record<string, string[]> = {};
  for (const [name, value] of pairs(headers)) {
    if (name.startsWith("remote-")) told[name] = [...(told[name] ?? []), value];
  }
  return told;
}

function pairs(headers: string[]): [string, string][] {
  const names = headers.filter((_, n) => n % 2 === 0);
  return names.map((name, n) => [name.toLowerCase().replaceAll(/[^a-z0-9]/g, "-"), headers[2 * n + 1] ?? ""]);
}
