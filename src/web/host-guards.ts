/** What the routes of an app that Latchkey is mounted in are given: a guard, and who is there where nothing is guarded. */
import type { Request } from "express";
import type { AuthRequirement, Session } from "../auth/index.js";
import { plainOptions, shown } from "../config/options.js";
import { durationOf } from "../config/parsers.js";
import type { Latchkey, SignedIn, Demand as WrittenDemand } from "../public-types.js";
import { peerOf } from "./http/address.js";
import { isOriginOf } from "./http/authority.js";
import { isCrossSite } from "./http/csrf.js";
import { HttpError, statusOf } from "./http/errors.js";
import { wantsPage } from "./http/navigation.js";
import { safeHere, safePath } from "./http/next.js";
import { parseUrl } from "./http/url.js";
import { signInReader } from "./session/cookie-session.js";
import type { Site } from "./site.js";
import { confirmPath, loginPath } from "./text/messages.js";

/**
 * They look at the cookie and leave the request as it is: sessions, bodies and messages of its own are the host's affair.
 * @param cookieSecrets what session cookies are signed with, newest first
 */
export function hostGuards(
  site: Site,
  cookieSecrets: readonly string[],
): Pick<Latchkey, "requireSession" | "accountOf"> {
  const { auth, config } = site;
  const readCookie = signInReader(site, cookieSecrets);
  const read = (req: Request) => {
    // Before the database is asked: a connection that is reset meanwhile forgets its remote address.
    peerOf(req);
    return auth.withDeadline(() => readCookie(req)).catch(failForHost);
  };

  return {
    requireSession(demand) {
      const asked = requirementOf(demand);
      return async (req, res, next) => {
        if (isCrossSite(req, config)) return next(new HttpError(403));
        // Whoever has signed out must not see the page again by going back.
        res.set("Cache-Control", "no-store");
        const state = await read(req);
        if (state.kind === "session" && auth.meets(state, asked)) {
          req.latchkey = signedIn(state);
          return next();
        }
        if (!wantsPage(req)) return next(new HttpError(401));
        const page = pageOf(req);
        const notice = isRead(req) ? undefined : "not-carried-out";
        const step =
          state.kind === "session" ? confirmPath(page, notice) : loginPath(notice ?? "sign-in", page);
        res.redirect(303, site.link(step));
      };
    },

    async accountOf(req) {
      const state = await read(req);
      return state.kind === "session" ? signedIn(state).account : undefined;
    },
  };
}

/** @throws Error with a sentence, at once and not at a request: a demand that cannot be read must not be none */
function requirementOf(written: WrittenDemand | undefined): AuthRequirement {
  if (written === undefined) return {};
  const given = plainOptions("requireSession", written, ["maxAge", "methods"]);
  return { ...maxAgeIn(given), ...methodsIn(given) };
}

/** Refuses `maxAge: undefined` too: a forgotten setting would otherwise open the route. */
function maxAgeIn(given: ReadonlyMap<string, unknown>): AuthRequirement {
  if (!given.has("maxAge")) return {};
  const written = given.get("maxAge");
  const maxAge = typeof written === "string" ? durationOf(written) : undefined;
  if (maxAge !== undefined) return { maxAge };
  throw new Error(
    `requireSession: maxAge must be a number with a unit, for example "5m", or left out, not ${shown(written)}.`,
  );
}

function methodsIn(given: ReadonlyMap<string, unknown>): AuthRequirement {
  if (!given.has("methods")) return {};
  if (given.get("methods") === "totp") return { methods: ["totp"] };
  throw new Error(`requireSession: methods must be "totp" or left out, not ${shown(given.get("methods"))}.`);
}

function signedIn({ accountId, username, methods, provedAt }: Session): SignedIn {
  return {
    account: { id: accountId, username },
    methods,
    provedAt: provedAt === undefined ? undefined : new Date(provedAt),
  };
}

function isRead({ method }: Request): boolean {
  return method === "GET" || method === "HEAD";
}

/** Where to come back to: the page that was asked for; of a form that was sent, and is lost now, the page that it stood on. */
function pageOf(req: Request): string | undefined {
  if (isRead(req)) return safeHere(req);
  const referer = parseUrl(req.get("referer") ?? "");
  if (!referer || !isOriginOf(referer.origin, req.get("host"))) return undefined;
  return safePath(referer.pathname + referer.search);
}

/** With the status by which the host's own error pages can tell an outage from a bug. */
function failForHost(cause: unknown): never {
  const status = statusOf(cause);
  throw status === 500 ? cause : new HttpError(status, undefined, { cause });
}
