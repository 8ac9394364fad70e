/** The types of the public API: what a host app passes to Latchkey, and what it gets. Tests: test/public-api.test.ts */
import type { IncomingMessage } from "node:http";
import type { Request, RequestHandler, Response } from "express";
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
  /** Keeps people and passwords in the app's own tables. */
  users?: HostUsers;
  /**
   * Called after both factors, before the redirect to `next`: the place to open a session of the app's own, whose middleware then
   * stands before the router. It is awaited, for at most ten seconds, and must not answer; if it throws, rejects, answers or takes
   * longer, the session is ended again and the error goes to the app's error handler.
   */
  onSignIn?(req: Request, res: Response, who: SignedIn & { next: string }): void | Promise<void>;
}

/**
 * People and passwords in the host's own tables. With it only the host decides: passwords of Latchkey's own are not looked at, and
 * there is no demo account.
 */
export interface HostUsers {
  /**
   * Whether the password is right; `username` and `password` are as they were typed, with bounded length. Undefined or null: no. A
   * throw, a rejection, no answer within two seconds, or an answer of another shape is a 503, and nobody is let in. It is asked
   * only when the throttle permits, counted before it is asked, and never more often at once than the line for hashes is long. It
   * should take as long for an unknown name as for a wrong password.
   */
  checkPassword(username: string, password: string): Promise<HostUser | null | undefined>;
  /**
   * What the throttle counts by, where the check takes many spellings for one person (dots, plus signs): without it the typed name,
   * trimmed, lower-cased, NFC. A text of up to 200 characters; anything else, and a throw, is a 503.
   */
  normaliseUsername?(username: string): string;
  /** Where /account/password leads: a path of the app, or an http(s) address. Without it that page and its links are not there. */
  changePasswordUrl?: string;
}

/** A person as the host knows them. */
export interface HostUser {
  /**
   * The host's own id, never another person's: 1 to 200 characters, or an integer, which is kept as text. The account is found by it
   * alone, as its `externalId`, and made where it is not there.
   */
  id: string | number;
  /**
   * A label of 1 to 200 characters without control characters, which may change. Where another of the host's people still has it, that
   * account is called by its own id until its person comes again. An account of Latchkey's own never gives its name up.
   */
  username: string;
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
  /** Revokes this browser's session everywhere, and clears its cookies; does nothing for a stranger. The answer is left to the app. */
  signOut(req: Request, res: Response): Promise<void>;
  /**
   * Call it when the app has proved who this is, by its own means, **on this very request**. It ends what the browser's cookies stood
   * for, opens a pending login under a new id and answers with a 303 to the second step, or to setting one up; on a trusted browser
   * to `next` at once. `next` is a path of this site; without it, or with anything else, people come to `/`.
   *
   * It always answers, but for a disabled account and for a name that belongs to an account of Latchkey's own: there it rejects with
   * an Error whose `status` is 403. An outage rejects with `status` 503, wrong arguments with a sentence about them.
   */
  startSecondFactor(
    req: Request,
    res: Response,
    user: HostUser,
    options?: { next?: string | undefined },
  ): Promise<void>;
  /** Accounts by code: the same as `latchkey account …` on the command line. */
  accounts: Accounts;
  /**
   * Calls the listener with every security event after the commit that it tells of, in the order in which the process learns of the
   * commits, and never holds up a request. Its promise is not waited for; what it throws or rejects with is logged. The command line's events are heard within
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
  /**
   * What was proved, at the sign-in or the last step-up: `password`, also by the app's check, or `host` (`startSecondFactor`), and
   * `totp`, `recovery-code` or `trusted-device`.
   */
  methods: readonly string[];
  /** When both factors were last proved (the second alone, where only the app can ask for the first); undefined if a trusted device replaced the second. */
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
