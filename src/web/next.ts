/** Where to go after signing in: a path of this site, or an app that Latchkey stands before (CWE-601, open redirect). */
import type { Config } from "../config.js";

type Settings = Pick<Config, "allowedHosts" | "baseUrl">;

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
  return url.origin === HERE && !path.startsWith("//") && isShort(path) ? path : undefined;
}

/** The same, or the normalised address of a page whose host stands exactly in ALLOWED_HOSTS. */
export function safeNext(wanted: unknown, settings: Settings): string | undefined {
  const path = safePath(wanted);
  if (path !== undefined || typeof wanted !== "string") return path;
  if (!/^https?:\/\/[^/\\]/i.test(wanted) || !URL.canParse(wanted)) return undefined;
  const url = new URL(wanted);
  const isAllowed = isHostAllowed(url, settings) && !url.username && !url.password;
  return isAllowed && isShort(url.href) ? url.href : undefined;
}

/** https only where people sign in by https: the session would travel in the clear. */
function isHostAllowed(url: URL, { allowedHosts, baseUrl }: Settings): boolean {
  if (baseUrl?.protocol === "https:" && url.protocol !== "https:") return false;
  // As an address: the scheme's own port counts as none.
  return allowedHosts.some((host) => new URL(`${url.protocol}//${host}`).host === url.host);
}

function isShort(next: string): boolean {
  return encodeURIComponent(next).length <= LONGEST;
}
