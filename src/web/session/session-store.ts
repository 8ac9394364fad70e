/**
 * The session store of express-session: it reads, updates and revokes auth/'s sessions, and can never create one.
 * Tests: test/security/logout-race.test.ts
 */
import session, { type SessionData } from "express-session";
import { z } from "zod";
import type { Auth, SignInState } from "../../auth/index.js";

declare module "express-session" {
  interface SessionData {
    /** Who is signed in, as read at the start of this request. */
    signIn: SignInState;
    /** connect-flash's messages: all that web/ stores in a session. */
    flash?: Record<string, string[]>;
  }
}

type Done = (error?: unknown) => void;

export class SessionStore extends session.Store {
  readonly #auth: Auth;
  readonly #cookie: session.CookieOptions;

  constructor(auth: Auth, cookie: session.CookieOptions) {
    super();
    this.#auth = auth;
    this.#cookie = cookie;
  }

  override get(id: string, done: (error: unknown, data?: SessionData | null) => void): void {
    this.#read(id).then((data) => done(null, data), done);
  }

  /** Stores the flash messages, if auth/ opened a session with this id and it has not ended; else nothing is written. */
  override set(id: string, data: SessionData, done: Done = () => {}): void {
    this.#write(id, data).then(() => done(), done);
  }

  override destroy(id: string, done: Done = () => {}): void {
    this.#auth.revoke(id).then(() => done(), done);
  }

  async #write(id: string, { signIn, flash = {} }: SessionData): Promise<void> {
    const stored = signIn && "data" in signIn ? signIn.data : "";
    const data = Object.keys(flash).length > 0 ? JSON.stringify(flash) : "";
    if (data === stored) return;
    await this.#auth.writeSessionData(id, data);
    // express-session saves again at the end of the answer, which then writes nothing.
    if (signIn && "data" in signIn) signIn.data = data;
  }

  async #read(id: string): Promise<SessionData | null> {
    const signIn = await this.#auth.findSession(id);
    // An ended session is found, as anonymous: the browser keeps its id, by which signing out finds the session that replaced it.
    if (!signIn) return null;
    return { cookie: { ...this.#cookie, originalMaxAge: null }, ...sessionFields(signIn) };
  }
}

/** The data that express-session holds for a sign-in. */
export function sessionFields(signIn: SignInState): Pick<SessionData, "signIn" | "flash"> {
  const stored = "data" in signIn ? signIn.data : "";
  const flash = stored === "" ? undefined : flashIn(stored);
  return { signIn, ...(flash && { flash }) };
}

const Flash = z.record(z.string(), z.array(z.string()));

/** The stored messages; undefined for another shape, which a newer version may have stored during a rolling restart. */
function flashIn(stored: string): Record<string, string[]> | undefined {
  try {
    return Flash.safeParse(JSON.parse(stored)).data;
  } catch {
    return undefined;
  }
}
