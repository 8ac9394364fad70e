/**
 * The session state of a request: one object per request, in a WeakMap keyed by it. session.ts fills it.
 * Tests: test/web/session/lost-cookie.test.ts, test/security/many-cookies.test.ts
 */
import type { Request, RequestHandler } from "express";
import type { SignInState } from "../../auth/index.js";

export const ANONYMOUS: SignInState = { kind: "anonymous" };

interface BrowserState {
  /** The session ids in the request's cookies that carry our signature. */
  ids: () => string[];
  /** The request as express-session and connect-flash see it; undefined for a browser without a session. */
  sessionRequest: Request | undefined;
  /** Starts a session for a browser that came without a cookie; used once it has signed in. */
  begin: RequestHandler | undefined;
}

const states = new WeakMap<Request, BrowserState>();

export function stateOf(req: Request): BrowserState {
  const known = states.get(req);
  if (known) return known;
  const state: BrowserState = { ids: () => [], sessionRequest: undefined, begin: undefined };
  states.set(req, state);
  return state;
}

/**
 * The request that carries our `session`, `sessionID` and `flash`. express-session and connect-flash put them on the request under
 * fixed names, where a host app may keep a session of its own: we would take theirs for ours, and save ours in their store. So both
 * get an object that inherits from the real request and has these names to itself.
 */
export function sessionRequestOf(req: Request): Request {
  const state = stateOf(req);
  state.sessionRequest ??= Object.create(req, ownNames(req)) as Request;
  return state.sessionRequest;
}

function ownNames(req: Request): PropertyDescriptorMap {
  const own = { value: undefined, writable: true, configurable: true };
  return {
    session: own,
    sessionID: own,
    sessionStore: own,
    flash: own,
    cookies: own,
    signedCookies: own,
    headers: { ...own, value: req.headers },
  };
}

/** Who is signed in on this request, by its session cookie. */
export function signInOf(req: Request): SignInState {
  return states.get(req)?.sessionRequest?.session?.signIn ?? ANONYMOUS;
}

/** The ids in all session cookies with our signature: several if another host has planted one beside ours. */
export function sessionIdsOf(req: Request): string[] {
  return states.get(req)?.ids() ?? [];
}

/**
 * Whether the request has no session cookie at all, not even a stale or foreign one. Ask before `sessionRequestOf`, which makes
 * one.
 */
export function isWithoutCookie(req: Request): boolean {
  return states.get(req)?.sessionRequest === undefined;
}

/** Whether messages wait for this browser. Does not ask connect-flash, which would write to the session of every visitor. */
export function hasFlash(req: Request): boolean {
  return states.get(req)?.sessionRequest?.session?.flash !== undefined;
}
