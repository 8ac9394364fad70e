/**
 * Our cookies: names, options and parsing; and the two long-lived ones, which hold tokens of known and trusted browsers.
 * Tests: test/security/device-cookies.test.ts, test/security/many-cookies.test.ts
 */
import type { IncomingMessage } from "node:http";
import { parse } from "cookie";
import type { CookieOptions, Request, Response } from "express";
import type { Config } from "../../config/config.js";

type Settings = Pick<Config, "baseUrl">;

/** Holds the id of a pending login or a session. */
const SESSION = "latchkey";
/** Holds a session's token for /auth/verify; see forward-cookie.ts. */
export const FORWARD = "latchkey_forward";
/** Holds the tokens of a known browser: one for each account that has signed in on it. */
export const BROWSER = "latchkey_browser";
/** Holds the tokens of a trusted browser: each replaces the second factor of one account. */
const TRUSTED = "latchkey_trusted";
/** Means nothing, but that it has changed; see forgetPages. */
const CHANGED = "latchkey_changed";
/** With and without the prefix, whatever the scheme is now: a browser may hold cookies from before a change. */
const OWN_NAMES = new Set(
  [SESSION, FORWARD, BROWSER, TRUSTED, CHANGED].flatMap((name) => [name, `__Host-${name}`]),
);
/** Longer than our longest name, `__Host-latchkey_browser`. */
const MAX_NAME = 64;

/**
 * Name and options of one of our cookies. Always host-only. With `__Host-`, browsers keep other hosts, other paths and plain HTTP
 * from setting it (RFC 6265bis §4.1.3.2).
 */
export function cookieOf(settings: Settings, name: string) {
  const secure = settings.baseUrl?.protocol === "https:";
  return {
    name: secure ? `__Host-${name}` : name,
    options: { httpOnly: true, sameSite: "lax", secure, path: "/" } as const satisfies CookieOptions,
  };
}

/** The session cookie. It has no expiry: browsers drop it when they are closed, and the server decides how long it is valid. */
export function sessionCookie(settings: Settings) {
  return cookieOf(settings, SESSION);
}

/** The most cookies of one name. More never happen by mistake, and each costs a signature check or a lookup. */
const MAX_SAME_NAME = 10;

/** Our cookies in a Cookie header, by name: the pairs as sent, at most one more than the limit. */
type OwnPairs = ReadonlyMap<string, string[]>;

/** Each request's Cookie header is parsed once. */
const parsedHeaders = new WeakMap<IncomingMessage, { header: string; own: OwnPairs }>();

/**
 * The values of a cookie in a request: none, one, or several when another host has planted one beside ours. Above the limit none
 * is read, and the request counts as signed out.
 */
export function valuesOf(req: IncomingMessage, name: string): string[] {
  return ownPairs(req, name).map((pair) => parse(pair)[name] ?? "");
}

/** The first pair of a cookie as sent, `name=value`, which express-session takes; undefined if there is none. */
export function firstPairOf(req: Request, name: string): string | undefined {
  return ownPairs(req, name)[0];
}

/** The request's cookies without any of ours, as a header; empty when none is left. */
export function cookiesOfOthers(req: Request): string {
  const others: string[] = [];
  for (const pair of pairsIn(req.headers.cookie ?? "")) {
    if (ownNameIn(pair) === undefined) others.push(pair);
  }
  return others.join("; ");
}

function ownPairs(req: IncomingMessage, name: string): string[] {
  const pairs = ownPairsOf(req).get(name) ?? [];
  return pairs.length > MAX_SAME_NAME ? [] : pairs;
}

function ownPairsOf(req: IncomingMessage): OwnPairs {
  const header = req.headers.cookie ?? "";
  const known = parsedHeaders.get(req);
  if (known?.header === header) return known.own;
  const own = new Map<string, string[]>();
  for (const pair of pairsIn(header)) {
    const name = ownNameIn(pair);
    if (name === undefined) continue;
    const pairs = own.get(name);
    if (!pairs) own.set(name, [pair]);
    else if (pairs.length <= MAX_SAME_NAME) pairs.push(pair);
  }
  parsedHeaders.set(req, { header, own });
  return own;
}

/** The pairs of a Cookie header, one at a time: one pass, however many there are. */
function* pairsIn(header: string): Generator<string> {
  let start = 0;
  while (start < header.length) {
    const semicolon = header.indexOf(";", start);
    const end = semicolon === -1 ? header.length : semicolon;
    const pair = header.slice(start, end).trim();
    if (pair !== "") yield pair;
    start = end + 1;
  }
}

/** The name of a pair if it is exactly one of ours. */
function ownNameIn(pair: string): string | undefined {
  const equals = pair.indexOf("=");
  // A pair without an equals sign may be as long as the header, so no more than MAX_NAME of it is compared.
  const name = pair.slice(0, equals === -1 ? MAX_NAME : equals).trim();
  return OWN_NAMES.has(name) ? name : undefined;
}

/** A shared browser holds one token for each account. More than a family's would only make its requests long. */
const MAX_ACCOUNTS_PER_BROWSER = 5;
/** A token begins with its account's id, which reveals nothing, and a full stop. */
const TOKEN = /^[\w-]{1,64}(\.[\w-]{1,64}){1,2}$/;
const SEPARATOR = "~";

/** How long a browser stays known: the longest that browsers keep a cookie. */
const KNOWN_BROWSER_MS = 400 * 86_400_000;

export function knownBrowserCookies(req: Request, settings: Settings): string[] {
  return tokensIn(req, cookieOf(settings, BROWSER).name);
}

export function trustedTokens(req: Request, settings: Settings): string[] {
  return tokensIn(req, cookieOf(settings, TRUSTED).name);
}

/** Makes this browser a known browser of an account, by a token that auth/ has signed. */
export function setKnownBrowserCookie(req: Request, res: Response, settings: Settings, token: string): void {
  setTokenCookie(req, res, settings, BROWSER, token, KNOWN_BROWSER_MS);
}

/** Makes this browser a trusted browser of an account. @param lasts in milliseconds */
export function setTrustedCookie(
  req: Request,
  res: Response,
  settings: Settings,
  token: string,
  lasts: number,
): void {
  setTokenCookie(req, res, settings, TRUSTED, token, lasts);
}

/** Long enough for the browser to notice; then nothing is left of it. */
const CHANGED_MS = 60_000;

/**
 * Makes the browser forget pages that it keeps in memory to go back to. In spite of `no-store` Chromium shows them again without
 * asking the server, unless an HttpOnly cookie has changed since they were loaded.
 */
export function forgetPages(res: Response, settings: Settings, now: Date): void {
  const { name, options } = cookieOf(settings, CHANGED);
  res.cookie(name, String(now.getTime()), { ...options, maxAge: CHANGED_MS });
}

function tokensIn(req: Request, name: string): string[] {
  const [value = ""] = valuesOf(req, name);
  return value.split(SEPARATOR, MAX_ACCOUNTS_PER_BROWSER).filter((token) => TOKEN.test(token));
}

/** Puts the token first, replaces an older one of the same account, and drops the oldest above the limit. */
function setTokenCookie(
  req: Request,
  res: Response,
  settings: Settings,
  cookie: string,
  token: string,
  maxAge: number,
): void {
  const { name, options } = cookieOf(settings, cookie);
  const account = token.split(".", 1)[0];
  const others = tokensIn(req, name).filter((other) => other.split(".", 1)[0] !== account);
  const value = [token, ...others].slice(0, MAX_ACCOUNTS_PER_BROWSER).join(SEPARATOR);
  res.cookie(name, value, { ...options, maxAge });
}
