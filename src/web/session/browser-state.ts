/** What is known of the browser that sent a request: one object a request. */
import type { Request, RequestHandler } from "express";
import type { SignInState } from "../../auth/index.js";

export const NOBODY: SignInState = { kind: "anonymous" };

interface BrowserState {
  /** The ids in the session cookies that carry our signature. */
  ids: () => string[];
  /** The request that express-session and connect-flash are given; undefined for a browser without a session. */
  own: Request | undefined;
  /** How a browser that came without a cookie gets a session. */
  begin: RequestHandler | undefined;
}

const states = new WeakMap<Request, BrowserState>();

export function stateOf(req: Request): BrowserState {
  const known = states.get(req);
  if (known) return known;
  const state: BrowserState = { ids: () => [], own: undefined, begin: undefined };
  states.set(req, state);
  return state;
}

/**
 * Where our `session`, `sessionID` and `flash` are. express-session and connect-flash keep them under fixed names of the request,
 * and an app that Latchkey is mounted in may keep a session of its own there: we would take theirs for ours, and save ours in
 * their store. So they get a request that reads as the real one does, and has these names to itself.
 */
export function browserOf(req: Request): Request {
  const state = stateOf(req);
  state.own ??= Object.create(req, ownNames(req)) as Request;
  return state.own;
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

/** What this request's cookie stands for. */
export function signInOf(req: Request): SignInState {
  return states.get(req)?.own?.session?.signIn ?? NOBODY;
}

/** The ids in all session cookies with our signature: several if one was planted beside ours. */
export function sessionIdsOf(req: Request): string[] {
  return states.get(req)?.ids() ?? [];
}

/** Whether the request has no session cookie at all, not even a stale or foreign one. */
export function isWithoutCookie(req: Request): boolean {
  return states.get(req)?.own === undefined;
}

/** Whether messages wait for this browser: asking connect-flash would write to the session of every visitor. */
export function hasFlash(req: Request): boolean {
  return states.get(req)?.own?.session?.flash !== undefined;
}
