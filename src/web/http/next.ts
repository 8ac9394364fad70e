/**
 * Where to go after signing in: a path of this site, or a page of an allowed app. Prevents open redirects (CWE-601).
 * Tests: test/security/open-redirect.test.ts, test/security/open-redirect-inside.test.ts
 */
import type { Request } from "express";
import type { Config } from "../../config/config.js";
import { allowedOrigins } from "./authority.js";
import { isTooLong, MAX_URL_BYTES, parseUrl } from "./url.js";

type Settings = Pick<Config, "allowedHosts" | "baseUrl">;

export type Verdict =
  /** Normalised: a path with its query, or the address of a page of an allowed app. */
  | { outcome: "allowed"; next: string; hostname?: string }
  | { outcome: "too-long" }
  | { outcome: "malformed" }
  /** The address is on another site. */
  | { outcome: "not-allowed"; host: string };

/** A base to parse paths with: text that leads to another origin is no path of this site. */
const HERE = "http://here.invalid";

/** Cached for the request: its guards, its handler and its page all ask. */
const verdicts = new WeakMap<Request, { wanted: unknown; verdict: Verdict }>();

/** A request's `next`, normalised; undefined for anything that could lead to another site. Judged once a request. */
export function safeNext(req: Request, wanted: unknown, settings: Settings): string | undefined {
  const known = verdicts.get(req);
  const isKnown = known !== undefined && known.wanted === wanted;
  const verdict = isKnown ? known.verdict : judgeNext(wanted, settings);
  if (!isKnown) verdicts.set(req, { wanted, verdict });
  return verdict.outcome === "allowed" ? verdict.next : undefined;
}

/**
 * The start of an absolute address, with a host of bounded length (limit before cost). The URL parser converts a host to Punycode
 * in quadratic time: 18 ms for 4,000 bytes of Chinese.
 */
const ADDRESS = /^https?:\/\/[^/?#\\]{1,260}(?:[/?#\\]|$)/i;

/** Checks the raw length first, then normalises, then compares with ALLOWED_HOSTS. */
export function judgeNext(wanted: unknown, settings: Settings): Verdict {
  if (typeof wanted !== "string") return { outcome: "malformed" };
  if (isTooLong(wanted)) return { outcome: "too-long" };
  if (wanted.startsWith("/")) return judgePath(wanted);
  const url = ADDRESS.test(wanted) ? parseUrl(wanted) : undefined;
  if (!url) return { outcome: "malformed" };
  const isAllowed = allowedOrigins(settings).has(url.origin) && !url.username && !url.password;
  if (!isAllowed) return { outcome: "not-allowed", host: url.host };
  return allowed(url.href, url.hostname);
}

function judgePath(wanted: string): Verdict {
  const url = parseUrl(wanted, HERE);
  if (!url) return { outcome: "malformed" };
  // Judged after normalising: `/.//evil.example` has become `//evil.example` by now.
  const path = `${url.pathname}${url.search}${url.hash}`;
  if (url.origin !== HERE || path.startsWith("//")) return { outcome: "not-allowed", host: url.host };
  return allowed(path);
}

/** Checks the length again: normalising percent-encodes spaces and quotation marks, so the text may have grown. */
function allowed(next: string, hostname?: string): Verdict {
  if (next.length > MAX_URL_BYTES) return { outcome: "too-long" };
  return { outcome: "allowed", next, ...(hostname !== undefined && { hostname }) };
}

/** The normalised path and query on this site; undefined for anything that could lead elsewhere. */
export function safePath(wanted: string): string | undefined {
  if (!wanted.startsWith("/") || isTooLong(wanted)) return undefined;
  const verdict = judgePath(wanted);
  return verdict.outcome === "allowed" ? verdict.next : undefined;
}

/** The path of this request, to return to; undefined if it is unsafe. */
export function requestedPath(req: Request): string | undefined {
  return safePath(req.originalUrl);
}
