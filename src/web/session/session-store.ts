/** auth/'s sessions as express-session wants them: it may read, write to and end rows, and can never create one. */
import session, { type SessionData } from "express-session";
import { z } from "zod";
import type { Auth, SignInState } from "../../auth/index.js";

declare module "express-session" {
  interface SessionData {
    /** What the cookie stands for, as read at the start of this request. */
    signIn: SignInState;
    /** connect-flash's messages: all that the web layer keeps. */
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

  /** Keeps the flash. An id that auth/ did not open, or that has ended, has no row to write to. */
  override set(id: string, data: SessionData, done: Done = () => {}): void {
    this.#write(id, data).then(() => done(), done);
  }

  override destroy(id: string, done: Done = () => {}): void {
    this.#auth.revoke(id).then(() => done(), done);
  }

  async #write(id: string, { signIn, flash = {} }: SessionData): Promise<void> {
    const stored = signIn && "data" in signIn ? signIn.data : "";
    const now = Object.keys(flash).length > 0 ? JSON.stringify(flash) : "";
    if (now === stored) return;
    await this.#auth.writeSessionData(id, now);
    // express-session saves once more when it answers.
    if (signIn && "data" in signIn) signIn.data = now;
  }

  async #read(id: string): Promise<SessionData | null> {
    const signIn = await this.#auth.findSession(id);
    // An ended row keeps its id: logging out must find what it was exchanged for.
    if (!signIn) return null;
    return { cookie: { ...this.#cookie, originalMaxAge: null }, ...sessionFields(signIn) };
  }
}

/** What express-session is to hold of a sign-in. */
export function sessionFields(signIn: SignInState): Pick<SessionData, "signIn" | "flash"> {
  const stored = "data" in signIn ? signIn.data : "";
  const flash = stored === "" ? undefined : flashIn(stored);
  return { signIn, ...(flash && { flash }) };
}

const Flash = z.record(z.string(), z.array(z.string()));

/** A newer version may store another shape here: then no message waits, and nothing breaks. */
function flashIn(stored: string): Record<string, string[]> | undefined {
  try {
    return Flash.safeParse(JSON.parse(stored)).data;
  } catch {
    return undefined;
  }
}
