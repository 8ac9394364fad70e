/**
 * The forward cookie: a session's token for all of COOKIE_DOMAIN, which a proxy in front of a sub-domain's app passes on to
 * /auth/verify. It signs nobody in on our pages.
 */
import type { Request, Response } from "express";
import type { SignInState } from "../../auth/index.js";
import type { Config } from "../../config/config.js";
import type { Site } from "../site.js";
import { cookieOf, FORWARD, valuesOf } from "./cookies.js";

type Settings = Pick<Config, "baseUrl" | "cookieDomain">;

/** More than a browser gets by mistake. Each costs a database lookup. */
const MAX_FORWARD_TOKENS = 5;

/**
 * The tokens that a request carries: none without COOKIE_DOMAIN, and none above the limit. There are several if COOKIE_DOMAIN was
 * changed while browsers were open, or if another host of the domain has set one of its own.
 */
export function forwardTokensIn(req: Request, { cookieDomain }: Pick<Config, "cookieDomain">): string[] {
  const tokens = cookieDomain === undefined ? [] : [...new Set(valuesOf(req, FORWARD))];
  return tokens.length > MAX_FORWARD_TOKENS ? [] : tokens;
}

/**
 * The tokens that signing out revokes: up to ten of one name, where /auth/verify reads five, so that planted cookies cannot easily
 * save the real one. With more than ten, none is read and nothing is revoked. Only a token with our signature costs a lookup.
 */
export function allForwardTokensIn(
  req: Request,
  { cookieDomain }: Pick<Config, "cookieDomain">,
): ReadonlySet<string> {
  return new Set(cookieDomain === undefined ? [] : valuesOf(req, FORWARD));
}

/**
 * Gives a session's browser the cookie if it has none or another session's. Without it a signed-in person would go in circles:
 * /login sends them to the app, and the proxy sends them back. For a pending login, clears the cookie.
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

/** As for the session cookie, plus the domain, which excludes the `__Host-` prefix. */
function optionsOf(settings: Settings, domain: string) {
  return { ...cookieOf(settings, FORWARD).options, domain };
}
