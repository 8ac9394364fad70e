/** Our cookies: their names and options, how they are read, and the two that a browser keeps for long. */
import { parse } from "cookie";
import type { CookieOptions, Request, Response } from "express";
import type { Config } from "../config.js";

type Settings = Pick<Config, "baseUrl">;

/** What stands for a pending login or a session. */
const SESSION = "latchkey";
/** What stands for a session before a proxy; see forward-cookie.ts. */
export const FORWARD = "latchkey_forward";
/** By which a browser is known to the accounts that have signed in on it. */
const BROWSER = "latchkey_browser";
/** The tokens that stand for the second factor. */
const TRUSTED = "latchkey_trusted";
const OURS = [SESSION, FORWARD, BROWSER, TRUSTED];

/** Host-only always; `__Host-`: the browser keeps other hosts, other paths and plain HTTP from setting it (RFC 6265bis §4.1.3.2). */
export function cookieOf(settings: Settings, name: string) {
  const secure = settings.baseUrl?.protocol === "https:";
  return {
    name: secure ? `__Host-${name}` : name,
    options: { httpOnly: true, sameSite: "lax", secure, path: "/" } as const satisfies CookieOptions,
  };
}

/** Ends with the browser's session; how long it is good for is the server's affair. */
export function sessionCookie(settings: Settings) {
  return cookieOf(settings, SESSION);
}

/** What the values of a cookie are in a request: none, one, or several, when another host has planted one beside ours. */
export function valuesOf(req: Request, name: string): string[] {
  return pairsOf(req)
    .filter((pair) => nameIn(pair) === name)
    .map((pair) => parse(pair)[name] ?? "");
}

/** The request's cookies without any of ours, as a header; empty when none is left. */
export function cookiesOfOthers(req: Request): string {
  const others = pairsOf(req).filter((pair) => !OURS.includes(nameIn(pair).replace(/^__Host-/, "")));
  return others.join("; ");
}

function pairsOf(req: Request): string[] {
  const pairs = (req.headers.cookie ?? "").split(";").map((pair) => pair.trim());
  return pairs.filter((pair) => pair !== "");
}

function nameIn(pair: string): string {
  return (pair.split("=", 1)[0] ?? "").trim();
}

/** A browser that several people share holds a token for each; more than a family's would only make its requests long. */
const MOST_TOKENS = 5;
/** A token begins with its account's id, which tells nothing, and a full stop. */
const TOKEN = /^[\w-]{1,64}(\.[\w-]{1,64}){1,2}$/;
const BETWEEN = "~";

/** How long a browser stays known: as long as browsers keep a cookie. */
const KNOWN_FOR = 400 * 86_400_000;

export function browserTokens(req: Request, settings: Settings): string[] {
  return tokensIn(req, cookieOf(settings, BROWSER).name);
}

export function trustedTokens(req: Request, settings: Settings): string[] {
  return tokensIn(req, cookieOf(settings, TRUSTED).name);
}

/** Lets this browser be known by a token that auth/ has signed. */
export function keepBrowserToken(req: Request, res: Response, settings: Settings, token: string): void {
  keep(req, res, settings, BROWSER, token, KNOWN_FOR);
}

/** @param lasts in milliseconds */
export function keepTrustedToken(
  req: Request,
  res: Response,
  settings: Settings,
  token: string,
  lasts: number,
): void {
  keep(req, res, settings, TRUSTED, token, lasts);
}

function tokensIn(req: Request, name: string): string[] {
  const value = parse(req.headers.cookie ?? "")[name] ?? "";
  return value
    .split(BETWEEN)
    .slice(0, MOST_TOKENS)
    .filter((token) => TOKEN.test(token));
}

/** The newest first, and one for each account. */
function keep(
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
  const kept = [token, ...others].slice(0, MOST_TOKENS).join(BETWEEN);
  res.cookie(name, kept, { ...options, maxAge });
}
