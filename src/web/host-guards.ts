/**
 * For the host app's own routes: the guard `requireSession`, and `accountOf` for routes that are open to everyone.
 * Tests: test/require-session.test.ts
 */
import type { IncomingMessage } from "node:http";
import type { NextFunction, Request, RequestHandler, Response } from "express";
import type { AuthRequirement, Session } from "../auth/index.js";
import { plainOptions, shown } from "../config/options.js";
import { durationOf } from "../config/parsers.js";
import type { Demand, Latchkey, SignedIn } from "../public-types.js";
import { peerOf } from "./http/address.js";
import { isOriginOf } from "./http/authority.js";
import { isCrossSite, opensWebSocket } from "./http/csrf.js";
import { failForHost, HostError } from "./http/errors.js";
import { requestedPath, safePath } from "./http/next.js";
import { canUsePage } from "./http/request.js";
import { parseUrl } from "./http/url.js";
import { signInReader } from "./session/cookie-session.js";
import type { Site } from "./site.js";
import { confirmPath, loginPath } from "./text/messages.js";

/**
 * Makes both. They set no cookie, and leave the host's session, body and messages alone; a use extends our session's idle timeout.
 * @param cookieSecrets the secrets that sign session cookies, newest first
 */
export function hostGuards(
  site: Site,
  cookieSecrets: readonly string[],
): Pick<Latchkey, "requireSession" | "accountOf"> {
  const { auth, config } = site;
  const readCookie = signInReader(site, cookieSecrets);
  const read = (req: IncomingMessage) => {
    // Remembers the address before the first await: a connection that is reset meanwhile no longer has one.
    peerOf(req);
    return auth.withDeadline(() => readCookie(req)).catch((cause) => failForHost(cause, UNAVAILABLE));
  };

  return {
    requireSession(demand) {
      const requirement = requirementOf(demand);
      return caught(async (req, res, next) => {
        if (isCrossSite(req, config)) return next(new HostError(403, CROSS_SITE));
        // After signing out, the back button must not show the page again.
        res.set("Cache-Control", "no-store");
        const state = await read(req);
        if (state.kind === "session" && auth.meets(state, requirement)) {
          req.latchkey = signedIn(state);
          return next();
        }
        if (!canUsePage(req)) {
          return next(new HostError(401, state.kind === "session" ? PROVED_TOO_LITTLE : NOT_SIGNED_IN));
        }
        const page = pageOf(req);
        const notice = isRead(req) ? undefined : "not-carried-out";
        const path =
          state.kind === "session" ? confirmPath(page, notice) : loginPath(notice ?? "sign-in", page);
        res.redirect(303, site.link(path));
      });
    },

    async accountOf(req) {
      // No guard stands before it, and it carries the cookie whichever page opens it, while the app may act on what comes in.
      if (opensWebSocket(req) && isCrossSite(req, config)) return undefined;
      const state = await read(req);
      return state.kind === "session" ? signedIn(state).account : undefined;
    },
  };
}

/** Passes a rejection on to the host's error pages. Express 5 does so by itself; in Express 4 it would end the process. */
function caught(guard: (req: Request, res: Response, next: NextFunction) => Promise<void>): RequestHandler {
  return (req, res, next) => void guard(req, res, next).catch(next);
}

/**
 * Checks the options when the guard is made, not at a request. Fails closed: an unreadable option must not mean no requirement.
 * @throws Error in one sentence
 */
function requirementOf(demand: Demand | undefined): AuthRequirement {
  if (demand === undefined) return {};
  const options = plainOptions("requireSession", demand, ["maxAge", "methods"]);
  return { ...maxAgeIn(options), ...methodsIn(options) };
}

/** Refuses `maxAge: undefined` too: a forgotten setting would otherwise open the route. */
function maxAgeIn(options: ReadonlyMap<string, unknown>): AuthRequirement {
  if (!options.has("maxAge")) return {};
  const written = options.get("maxAge");
  const maxAge = typeof written === "string" ? durationOf(written) : undefined;
  if (maxAge !== undefined) return { maxAge };
  throw new Error(
    `requireSession: maxAge must be a number with a unit, for example "5m", or left out, not ${shown(written)}.`,
  );
}

function methodsIn(options: ReadonlyMap<string, unknown>): AuthRequirement {
  if (!options.has("methods")) return {};
  if (options.get("methods") === "totp") return { methods: ["totp"] };
  throw new Error(
    `requireSession: methods must be "totp" or left out, not ${shown(options.get("methods"))}.`,
  );
}

/** A session as a host app sees it. */
export function signedIn({ methods, provedAt, ...session }: Session): SignedIn {
  const { accountId, username, externalId, name, email, groups } = session;
  return {
    account: {
      id: accountId,
      username,
      ...(externalId !== undefined && { externalId }),
      ...(name !== undefined && { name }),
      ...(email !== undefined && { email }),
      groups,
    },
    methods,
    provedAt: provedAt === undefined ? undefined : new Date(provedAt),
  };
}

function isRead({ method }: Request): boolean {
  return method === "GET" || method === "HEAD";
}

/** The page to return to after signing in: the requested one, or, for a form (which is lost), the page it was on. */
function pageOf(req: Request): string | undefined {
  if (isRead(req)) return requestedPath(req);
  const referer = parseUrl(req.get("referer") ?? "");
  if (!referer || !isOriginOf(referer.origin, req.get("host"))) return undefined;
  return safePath(referer.pathname + referer.search);
}

const NOT_SIGNED_IN =
  "Nobody is signed in on this request. It did not ask for a page, so requireSession refuses it in place of leading to the " +
  "sign-in page: sign in with a browser, and send the request with its cookie.";

const PROVED_TOO_LITTLE =
  "The session of this request is not enough: requireSession demands a newer proof or another method here (maxAge, methods). " +
  "Open the route as a page in the browser, which asks for it.";

const CROSS_SITE =
  "A page of another site sent this request, by its Sec-Fetch-Site or Origin header, so requireSession refuses it, no matter who is " +
  "signed in. If it was a page of this site, compare BASE_URL with the address in the browser.";

/** To requireSession, accountOf, startSecondFactor and signOut. */
export const UNAVAILABLE =
  "Latchkey cannot tell who is signed in, because its database does not answer in time, so nobody is let in. Try again soon; " +
  "`cause` says what failed.";
