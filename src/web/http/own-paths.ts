/** Which paths are Latchkey's own: whatever else is asked for belongs to the app that it is mounted in. */

/**
 * @param routes paths of the URL table, `:name` standing for any one part
 * @param files paths of single files
 */
export function ownPaths(routes: readonly string[], files: readonly string[]): (path: string) => boolean {
  const patterns = [...new Set(routes)].map((route) =>
    route === "/" ? "" : route.split("/").map(patternOf).join("/"),
  );
  // As Express reads a table by default: in any case, and with or without a slash at the end.
  const route = new RegExp(`^(?:${patterns.join("|")})/?$`, "i");
  const known = new Set(files);
  return (path) => known.has(path) || route.test(path);
}

function patternOf(part: string): string {
  return part.startsWith(":") ? "[^/]+" : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
