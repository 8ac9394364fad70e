/** The types of the public API: what a host app passes to Latchkey, and what it gets. Tests: test/public-api.test.ts */
import type { IncomingMessage } from "node:http";
import type { RequestHandler } from "express";
import type { Logger } from "pino";
import type { Accounts } from "./public-accounts.js";
import type { SecurityEvent } from "./public-events.js";

export interface LatchkeyOptions {
  /**
   * The settings of docs/settings.md by name, for example `{ DATA_DIR: "./data" }`; by default `process.env`. NODE_ENV is that
   * of the process unless it is given here. PORT and HOST have no effect.
   */
  settings?: Readonly<Record<string, string | undefined>>;
  /** The name on the pages and in authenticator apps; overrides the setting APP_NAME. */
  name?: string;
  /** Each as `#rgb` or `#rrggbb`; refused if text in that colour could not be read (WCAG 2.2, 1.4.3). */
  colours?: {
    /** For links on light backgrounds, and behind the white text of the main button. */
    accent: string;
    /** For links on dark backgrounds; by default a light tone of the accent. */
    accentOnDark?: string;
  };
  /** Address of the app's own mark, on its own host, as `/icon.svg`: shown in place of the key. */
  mark?: string;
  /** A folder of EJS views. A view or partial with the name of one of Latchkey's replaces it. */
  views?: string;
  /**
   * Messages of the catalogue (`locales/en.ftl`) by id, in Fluent's syntax: each replaces ours in every language. One that does not
   * parse, has a value or an element that ours lacks, or names no message stops the start.
   */
  messages?: Readonly<Record<string, string>>;
  /** Receives requests, security events and failures; by default JSON lines on standard output, or readable lines in a terminal. */
  log?: Logger;
  /**
   * Where people without an account go: a link on the sign-in page. A path of the app, or an http(s) address. The app leads back by
   * `/login?username=…`, which fills the name in.
   */
  signUpUrl?: string;
}

export interface Latchkey {
  /**
   * Latchkey's pages and their assets: `app.use(latchkey.router)`, or under a path, `app.use("/sign-in", latchkey.router)`. Other
   * requests pass through unchanged.
   */
  router: RequestHandler;
  /**
   * Guards a route. A signed-in person passes, with `req.latchkey` set; other people are redirected to the sign-in or step-up
   * page, and from there back. Requests of programs and scripts (401) and requests sent by another site (403) go to the app's
   * error handler.
   */
  requireSession(demand?: Demand): RequestHandler;
  /**
   * The account that is signed in on the browser of a request, for routes without a guard; undefined if there is none. Also for the
   * request that opens a WebSocket: undefined too when a page of another site opens it. Rejects with an Error whose `status` is
   * 503 when the database does not answer.
   */
  accountOf(req: IncomingMessage): Promise<SessionAccount | undefined>;
  /**
   * The address of one of Latchkey's pages, for example `latchkey.link("/account")`, under the path at which the router is mounted.
   * @throws Error before the router is mounted
   */
  link(path: string): string;
  /** Answers requests that no route has answered with a 404 page in Latchkey's look; mount it last. */
  notFound: RequestHandler;
  /** Accounts by code: the same as `latchkey account …` on the command line. */
  accounts: Accounts;
  /**
   * Calls the listener with every security event after the commit that it tells of, in the order of the commits, and never holds up
   * a request. Its promise is not waited for; what it throws or rejects with is logged. The command line's events are heard within
   * a minute, by one node of several; during a rolling upgrade an event may be of a type that only the newer version knows.
   * @returns the function that ends it: the listener is not called again
   */
  on(listener: (event: SecurityEvent) => void | Promise<void>): () => void;
  /**
   * Call it when the process begins to shut down: from then on `/readyz` answers 503, and Latchkey's responses close their
   * connections.
   */
  drain(): void;
  /** Call it after the last request: flushes what is not stored yet, calls listeners with what they have not heard, and closes the database. */
  close(): Promise<void>;
}

/** What a route requires beyond a session. */
export interface Demand {
  /** How long ago both factors may have been proved at most: a number with s, m, h or d, for example `5m`. */
  maxAge?: string;
  /** `totp`: the second factor was a code of an authenticator, not a trusted device or a recovery code. */
  methods?: "totp";
}

/** The account of a session. */
export interface SessionAccount {
  /** Never changes and is never reused, so an app's own tables can refer to it. */
  id: string;
  username: string;
  /** The app's own id of this person, where it has one. */
  externalId?: string;
  name?: string;
  email?: string;
  groups: readonly string[];
}

/** Who is signed in, and by which factors. */
export interface SignedIn {
  account: SessionAccount;
  /** What was proved: `password`, and `totp`, `recovery-code` or `trusted-device`. */
  methods: readonly string[];
  /** When both factors were last proved; undefined if a trusted device replaced the second. */
  provedAt: Date | undefined;
}

declare global {
  namespace Express {
    interface Request {
      /** Who is signed in, behind `requireSession`; read where no guard stands it throws an Error that names `requireSession`. */
      latchkey: SignedIn;
    }
  }
}
