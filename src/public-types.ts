/** The public face of the package, as types: what another app gives Latchkey, and what it gets. */
import type { Request, RequestHandler } from "express";
import type { Logger } from "pino";

export interface LatchkeyOptions {
  /**
   * The settings that the README lists, by their names, as `{ DATA_DIR: "./data" }`; without them, `process.env`. NODE_ENV is
   * that of the process unless it is among them; PORT and HOST mean nothing here.
   */
  settings?: Readonly<Record<string, string | undefined>>;
  /** The name on the pages and in authenticator apps; goes before the setting APP_NAME. */
  name?: string;
  /** Each as `#rgb` or `#rrggbb`; refused where a text in it could not be read (WCAG 2.2, 1.4.3). */
  colours?: {
    /** Of links on light grounds, and under the white text of the main button. */
    accent: string;
    /** Of links on dark grounds; without it, a light tone of the accent. */
    accentOnDark?: string;
  };
  /** A folder of EJS views: one that is called as one of Latchkey's is shown in its place, partials too. */
  views?: string;
  /** Where requests, security events and failures are noted; without it, JSON lines on standard output, in a terminal lines for people. */
  log?: Logger;
}

export interface Latchkey {
  /**
   * The pages of the sign-in, and what belongs to them: `app.use(latchkey.router)`, or under a path,
   * `app.use("/sign-in", latchkey.router)`. Other requests pass on untouched.
   */
  router: RequestHandler;
  /**
   * Guards a route: passes on whoever is signed in, with `req.latchkey` set; leads others to the page where they sign in or
   * confirm that it is them, and from there back. Programs, scripts (401) and what another site sent (403) are handed to the
   * app's error pages.
   */
  requireSession(demand?: Demand): RequestHandler;
  /** Whose browser sent this request, where nothing is guarded; undefined when nobody is signed in there. */
  accountOf(req: Request): Promise<Account | undefined>;
  /** The address of a page of Latchkey's, as `latchkey.link("/account")`: under the path at which the router is mounted. @throws Error before it is */
  link(path: string): string;
  /** For the end of an app: what no route has answered gets a page that says so, in Latchkey's look. */
  notFound: RequestHandler;
  /** When the process was told to end: `/readyz` says 503 from now on, and Latchkey's answers close their connections. */
  drain(): void;
  /** After the last request: what is still to be kept is written, and the database closed. */
  close(): Promise<void>;
}

/** What a route asks for beyond a session. */
export interface Demand {
  /** Both factors were proved no longer ago than this: a number with s, m, h or d, as `5m`. */
  maxAge?: string;
  /** `totp`: with a code of an authenticator; neither a trusted device nor a recovery code will do. */
  methods?: "totp";
}

export interface Account {
  /** Stays the same, and is never another's: what an app's own tables refer to. */
  id: string;
  username: string;
}

/** Who is signed in, and by what. */
export interface SignedIn {
  account: Account;
  /** What was proved: `password`, and `totp`, `recovery-code` or `trusted-device`. */
  methods: readonly string[];
  /** When both factors were proved last; undefined where a trusted device stood for the second. */
  provedAt: Date | undefined;
}

declare global {
  namespace Express {
    interface Request {
      /** Who is signed in: there behind `requireSession`, and nowhere else. */
      latchkey: SignedIn;
    }
  }
}
