/** The second cookie, for all of COOKIE_DOMAIN: by it a proxy before a sub-domain's app asks /auth/verify, which alone reads it. */
import type { Request, Response } from "express";
import type { SignInState } from "../../auth/index.js";
import type { Config } from "../../config/config.js";
import type { Site } from "../site.js";
import { cookieOf, FORWARD, valuesOf } from "./cookies.js";

type Settings = Pick<Config, "baseUrl" | "cookieDomain">;

/** More than browsers hold by anybody's mistake; each costs a look at the database. */
const MAX_TOKENS = 5;

/**
 * The tokens that a request carries: none without COOKIE_DOMAIN. Several where it was changed while browsers were open, or
 * where another host of the domain has set one of its own.
 */
export function forwardTokensIn(req: Request, { cookieDomain }: Pick<Config, "cookieDomain">): string[] {
  const tokens = cookieDomain === undefined ? [] : [...new Set(valuesOf(req, FORWARD))];
  return tokens.length > MAX_TOKENS ? [] : tokens;
}

/** The same for signing out, where none may be spared because others were planted beside it: each must be signed to cost a look. */
export function allForwardTokensIn(
  req: Request,
  { cookieDomain }: Pick<Config, "cookieDomain">,
): ReadonlySet<string> {
  return new Set(cookieDomain === undefined ? [] : valuesOf(req, FORWARD));
}

/**
 * Gives a session's browser the cookie where it is missing or another's: else /login, which sends whoever is signed in on, and
 * the proxy, which sends them back, would make a circle. A pending login's browser gives back what it holds.
 */
export function setForwardCookie(site: Site, req: Request, res: Response, state: SignInState): void {
  const { auth, config } = site;
  if (config.cookieDomain === undefined) return;
  if (state.kind === "pending" && valuesOf(req, FORWARD).length > 0) clearForwardCookie(res, config);
  if (state.kind !== "session") return;
  const token = auth.forwardToken(state);
  if (!forwardTokensIn(req, config).includes(token))
    res.cookie(FORWARD, token, optionsOf(config, config.cookieDomain));
}

export function clearForwardCookie(res: Response, settings: Settings): void {
  const { cookieDomain } = settings;
  if (cookieDomain !== undefined) res.clearCookie(FORWARD, optionsOf(settings, cookieDomain));
}

/** As the session cookie but for the domain, with which a browser takes no `__Host-`. */
function optionsOf(settings: Settings, domain: string) {
  return { ...cookieOf(settings, FORWARD).options, domain };
}
