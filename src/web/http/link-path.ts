/**
 * Addresses of one-time links, which nobody but their holder may read: log lines have `/link/:token` in their place.
 * Tests: test/security/links-leaked.test.ts
 */
import type { Request } from "express";

/**
 * The path that was asked for, without the query, in two parts: the host's mount path, which is no token whatever its name, and the
 * rest.
 */
export function partsOfPath({ originalUrl, baseUrl }: Request): { mount: string; rest: string } {
  const path = originalUrl.split("?", 1)[0] ?? "";
  const mount = path.startsWith(baseUrl) ? baseUrl : "";
  return { mount, rest: path.slice(mount.length) };
}

/** Anywhere in a path: a wrong mount path, a doubled slash or `%2F` must not bring a token into the log. */
const LINK = /(?:\/|%2f)link(?:\/|%2f)/i;

/** Whether a path is, or may have been meant to be, that of a one-time link. */
export function isLinkPath(path: string): boolean {
  return LINK.test(path) || LINK.test(decoded(path));
}

/** A path as log lines have it, without what follows `/link/`. @param path without a query */
export function withoutToken(path: string): string {
  const at = path.search(LINK);
  if (at !== -1) return `${path.slice(0, at)}/link/:token`;
  // Letters of `link` may be percent-encoded too.
  return isLinkPath(path) ? "/link/:token" : path;
}

function decoded(path: string): string {
  if (!path.includes("%")) return path;
  return path.replace(/%[0-7][0-9a-f]/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));
}
