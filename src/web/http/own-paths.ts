/** Tells Latchkey's own paths from those of the host app. Tests: test/mount-beside.test.ts */

/**
 * @param routes paths of the URL table; `:name` matches any one segment
 * @param files paths that must match exactly
 */
export function ownPaths(routes: readonly string[], files: readonly string[]): (path: string) => boolean {
  const patterns = [...new Set(routes)].map((route) =>
    route === "/" ? "" : route.split("/").map(patternOf).join("/"),
  );
  // As Express matches by default: in upper or lower case, with or without a slash at the end.
  const route = new RegExp(`^(?:${patterns.join("|")})/?$`, "i");
  const known = new Set(files);
  return (path) => known.has(path) || route.test(path);
}

function patternOf(segment: string): string {
  return segment.startsWith(":") ? "[^/]+" : segment.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
