/** The session cookie: what it stands for, getting a new one at each step, and giving it up. */
import { randomBytes } from "node:crypto";
import flash from "connect-flash";
import type { Request, RequestHandler, Response } from "express";
import expressSession from "express-session";
import type { Auth, NewSession, SignInState } from "../auth/index.js";
import type { Config } from "../config.js";
import { clientOf } from "./client.js";
import { cookieOf } from "./cookies.js";
import { SessionStore } from "./session-store.js";

type Settings = Pick<Config, "baseUrl" | "demo">;

/** Reads the cookie. A browser without one has no session, costs nothing and leaves nothing. */
export function sessions(auth: Auth, settings: Settings, cookieSecrets: string[]): RequestHandler[] {
  const { name, options } = sessionCookie(settings);
  const read = expressSession({
    name,
    cookie: options,
    secret: cookieSecrets,
    store: new SessionStore(auth, options),
    genid: (req) => opened.get(req) ?? randomBytes(32).toString("base64url"),
    resave: false,
    saveUninitialized: false,
  });
  const readFlash = flash();
  return [
    (req, res, next) => (mayHaveSession(req, name) ? read(req, res, next) : next()),
    closeDemo(auth, settings),
    noteActivity(auth),
    (req, res, next) => (req.session ? readFlash(req, res, next) : next()),
  ];
}

/** Ends with the browser's session; how long it is good for is the server's affair. */
function sessionCookie(settings: Settings) {
  return cookieOf(settings, "latchkey");
}

/** Reading pages needs a session only when there is a cookie; a POST may begin one. */
function mayHaveSession(req: Request, name: string): boolean {
  return req.method === "POST" || (req.headers.cookie ?? "").includes(`${name}=`);
}

/** While the demo rule does not hold for a client, the demo account's sessions end. */
function closeDemo(auth: Auth, settings: Settings): RequestHandler {
  return async (req, _res, next) => {
    const state = signInOf(req);
    if ("isDemo" in state && state.isDemo && !clientOf(req, settings).mayUseDemo) {
      await auth.endSession(req.sessionID);
      req.session.signIn = { kind: "anonymous" };
    }
    next();
  };
}

/** Every request of a session puts its idle end further off. */
function noteActivity(auth: Auth): RequestHandler {
  return async (req, _res, next) => {
    const state = signInOf(req);
    if (state.kind === "session") req.session.signIn = await auth.sessionSeen(state);
    next();
  };
}

/** What this request's cookie stands for. */
export function signInOf(req: Request): SignInState {
  return req.session?.signIn ?? { kind: "anonymous" };
}

/** Ids of sessions that auth/ has opened and that express-session is about to hand out. */
const opened = new WeakMap<object, string>();

/** Gives the browser the id of a session that auth/ opened; the old id is good for nothing but logging out (ASVS 5.0 7.2.4). */
export async function adoptSession(auth: Auth, req: Request, session: NewSession): Promise<void> {
  opened.set(req, session.id);
  await asPromise((done) => req.session.regenerate(done));
  // The answer to this very request may be a page that shows it.
  req.session.signIn = (await auth.findSession(session.id)) ?? { kind: "anonymous" };
}

/** Takes the cookie back; auth/ has ended what it stood for. */
export function forgetCookie(res: Response, settings: Settings): void {
  const { name, options } = sessionCookie(settings);
  res.clearCookie(name, options);
}

/** Redirects after a POST; what was flashed is saved first, for a browser that follows at once must find it. */
export async function redirectTo(req: Request, res: Response, path: string): Promise<void> {
  if (req.session?.flash) await asPromise((done) => req.session.save(done));
  res.redirect(303, path);
}

function asPromise(start: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())));
}
