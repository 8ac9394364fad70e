/**
 * The session cookie: loads the session, rotates the id when a privilege changes (session fixation), clears the cookie.
 * Tests: test/security/fixation.test.ts, test/web/session/lifetime.test.ts
 */
import { randomBytes } from "node:crypto";
import flash from "connect-flash";
import { type Request, type RequestHandler, type Response, Router } from "express";
import expressSession from "express-session";
import type { NewSession } from "../../auth/index.js";
import type { Config } from "../../config/config.js";
import { clientOf } from "../http/request.js";
import type { Site } from "../site.js";
import { ANONYMOUS, sessionRequestOf, signInOf, stateOf } from "./browser-state.js";
import { signedIds } from "./cookie-session.js";
import { firstPairOf, sessionCookie } from "./cookies.js";
import { clearForwardCookie, setForwardCookie } from "./forward-cookie.js";
import { SessionStore, sessionFields } from "./session-store.js";
import { touchSession } from "./touch-session.js";

/** Loads the session for browsers that send our cookie; others get none until they sign in. */
export function sessions(site: Site, cookieSecrets: string[]): RequestHandler {
  const { name, options } = sessionCookie(site.config);
  const read = expressSession({
    name,
    cookie: options,
    secret: cookieSecrets,
    store: new SessionStore(site.auth, options),
    genid: (req) => openedIds.get(req) ?? randomBytes(32).toString("base64url"),
    resave: false,
    saveUninitialized: false,
  });
  const readFlash = flash();
  const withSession = Router();
  const begin: RequestHandler = (req, res, next) => {
    const browser = sessionRequestOf(req);
    // Gives express-session only its own cookie: it would parse all of them, however many.
    const cookie = firstPairOf(req, name);
    browser.headers = Object.create(req.headers, { cookie: { value: cookie, enumerable: true } });
    read(browser, res, (error) => (error ? next(error) : readFlash(browser, res, next)));
  };
  withSession.use(begin, noteActivity(site), renewForwardCookie(site));
  return (req, res, next) => {
    const { withDeadline } = site.auth;
    const state = stateOf(req);
    state.ids = () => signedIds(req, name, cookieSecrets);
    if (firstPairOf(req, name) !== undefined) {
      withDeadline(() => withSession(req, res, next));
    } else if (req.method === "POST") {
      // The browser gets a session once it has signed in, not before: most POST requests without a cookie guess passwords.
      state.begin = begin;
      withDeadline(next);
    } else {
      next();
    }
  };
}

function noteActivity(site: Site): RequestHandler {
  return async (req, _res, next) => {
    const found = signInOf(req);
    const state = await touchSession(site, req, found);
    // If nothing changed, express-session must not see a change: a browser without a session stays without one.
    if (state !== found) sessionRequestOf(req).session.signIn = state;
    next();
  };
}

/** Only for reads: a POST may be about to change who is signed in. */
function renewForwardCookie(site: Site): RequestHandler {
  return (req, res, next) => {
    if (req.method !== "POST") setForwardCookie(site, req, res, signInOf(req));
    next();
  };
}

/** Ids of sessions that auth/ has opened and that express-session is about to hand out. */
const openedIds = new WeakMap<object, string>();

/** Gives the browser the id of a session that auth/ has opened. The old id is valid only for signing out (ASVS 5.0 7.2.4). */
export async function adoptSession(
  site: Site,
  req: Request,
  res: Response,
  session: NewSession,
): Promise<void> {
  const browser = sessionRequestOf(req);
  openedIds.set(browser, session.id);
  const state = stateOf(req);
  const { begin } = state;
  await asPromise((done) => (begin ? begin(req, res, done) : browser.session.regenerate(done)));
  state.begin = undefined;
  // Read back now: the answer to this request may be a page that shows the session.
  const signIn = (await site.auth.findSession(session.id)) ?? ANONYMOUS;
  Object.assign(browser.session, sessionFields(signIn));
  setForwardCookie(site, req, res, signIn);
}

/**
 * Ends the session that this request has just been given, and clears its cookies. Where ending it fails, nobody has
 * its id.
 */
export async function undoSession(site: Site, req: Request, res: Response): Promise<void> {
  const browser = sessionRequestOf(req);
  const { sessionID } = browser;
  // Not by destroy(), which would let the host's own session show through.
  Reflect.set(browser, "session", null);
  if (!res.headersSent) clearSessionCookie(res, site.config);
  const { auth, config } = site;
  // With a deadline of its own: whatever was waited for may have taken all of the request's.
  await auth.withDeadline(() => auth.signOut(sessionID, clientOf(req, config))).catch(() => {});
}

/** Clears the session cookie and the forward cookie. Revoking the session is left to auth/. */
export function clearSessionCookie(res: Response, settings: Pick<Config, "baseUrl" | "cookieDomain">): void {
  const { name, options } = sessionCookie(settings);
  res.clearCookie(name, options);
  clearForwardCookie(res, settings);
}

/** Saves flash messages before a redirect: the browser may follow it before express-session saves. */
export async function saveFlash(req: Request): Promise<void> {
  const { session } = sessionRequestOf(req);
  if (session?.flash) await asPromise((done) => session.save(done));
}

function asPromise(start: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())));
}
