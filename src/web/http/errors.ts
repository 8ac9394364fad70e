/**
 * Error pages: what happened and the next step, in plain words. The cause goes only to the log.
 * Tests: test/security/malformed.test.ts, test/security/unknown-values.test.ts
 */
import type { ErrorRequestHandler, Request, RequestHandler } from "express";
import type { Logger } from "pino";
import { Overloaded, StoreUnavailable } from "../../auth/index.js";
import { type Message, message } from "../catalogue/message.js";
import { sendPage } from "../render/page.js";
import type { Site } from "../site.js";
import { isLinkPath } from "./link-path.js";
import { requestedPath, safeNext } from "./next.js";
import { pathOf } from "./request-log.js";

/** Thrown, or passed to `next`, to answer with an error page. */
export class HttpError extends Error {
  override name = "HttpError";
  constructor(
    readonly status: number,
    readonly reason?: "not-https",
    { message = `HTTP ${status}`, ...options }: ErrorOptions & { message?: string } = {},
  ) {
    super(message, options);
  }
}

/** For the error handlers of a host app, which read what those of http-errors carry. Its message is for developers, and no secret. */
export class HostError extends HttpError {
  readonly statusCode: number;
  /** Whether the message may be sent to the client. */
  readonly expose: boolean;
  constructor(status: number, message: string, options?: ErrorOptions) {
    super(status, undefined, { ...options, message });
    this.statusCode = status;
    this.expose = status < 500;
  }
}

/**
 * For what a host app calls: rethrows, an outage with the status by which the host's error pages can tell it from a bug.
 * @param message what the host's developer reads; `cause` says what failed
 */
export function failForHost(cause: unknown, message: string): never {
  throw statusOf(cause) === 503 ? new HostError(503, message, { cause }) : cause;
}

/** The host's hook `onSignIn` has failed: `reason` goes to the host's error pages, past our own. */
export class OnSignInFailed extends Error {
  override name = "OnSignInFailed";
  constructor(readonly reason: Error) {
    super(reason.message, { cause: reason });
  }
}

interface ErrorPage {
  title: Message;
  advice: Message;
}

const NOT_HTTPS: ErrorPage = {
  title: message("error-not-https"),
  advice: message("error-not-https-advice"),
};

const PAGES = {
  400: { title: message("error-400"), advice: message("error-400-advice") },
  403: { title: message("error-403"), advice: message("error-403-advice") },
  404: { title: message("error-404"), advice: message("error-404-advice") },
  405: { title: message("error-405"), advice: message("error-405-advice") },
  413: { title: message("error-413"), advice: message("error-413-advice") },
  415: { title: message("error-415"), advice: message("error-415-advice") },
  429: { title: message("error-429"), advice: message("error-429-advice") },
  500: { title: message("error-500"), advice: message("error-500-advice") },
  503: { title: message("error-503"), advice: message("error-503-advice") },
} satisfies Record<number, ErrorPage>;

type Status = keyof typeof PAGES;

export const notFound: RequestHandler = (_req, _res, next) => next(new HttpError(404));

/** Answers 405 for a path that has other methods. @param allowed those methods */
export function methodNotAllowed(allowed: string[]): RequestHandler {
  return (_req, res, next) => {
    res.set("Allow", allowed.join(", "));
    next(new HttpError(405));
  };
}

/** Answers every error with a page, but for one of the host's own hook, which the host answers; and logs the cause of those with a 5xx status. */
export function errorPages(site: Site, log: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    if (error instanceof OnSignInFailed) return next(error);
    const status = statusOf(error);
    if (error instanceof Overloaded) log.warn({ requestId: req.id, path: pathOf(req) }, error.message);
    else if (status >= 500) log.error({ requestId: req.id, err: error, path: pathOf(req) }, "request failed");
    // Too late for a page: cut the connection, so that nobody takes half an answer for a whole one.
    if (res.headersSent) return void res.destroy();
    if (status === 503) res.set("Retry-After", "5");
    sendPage(site, res.status(status), "error", {
      ...pageFor(error, status, req),
      nextStep: nextStep(site, status, req),
      // The request id, by which the operator finds the cause in the log.
      reference: status === 500 ? req.id : undefined,
    });
  };
}

/** Answers in plain text when the error page itself fails. Express's own answer would show a stack trace. */
export function lastResort({ languages }: Site, log: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    if (error instanceof OnSignInFailed) {
      res.locals = res.locals.host ?? {};
      return next(error.reason);
    }
    log.error({ requestId: req.id, err: error, path: pathOf(req) }, "error page failed");
    if (res.headersSent) return void res.destroy();
    const text = languages.first.text("error-last-resort", { reference: req.id });
    res.status(500).type("text").send(text);
  };
}

/** The HTTP status of an error. Ours, body-parser's and the router's errors carry one; anything else is a bug, and a 500. */
export function statusOf(error: unknown): Status {
  if (error instanceof StoreUnavailable || error instanceof Overloaded) return 503;
  const status = error instanceof Error && "status" in error ? Number(error.status) : 500;
  if (hasPage(status)) return status;
  return status >= 400 && status < 500 ? 400 : 500;
}

function hasPage(status: number): status is Status {
  return status in PAGES;
}

function pageFor(error: unknown, status: Status, req: Request): ErrorPage {
  if (error instanceof HttpError && error.reason === "not-https") return NOT_HTTPS;
  // When the store failed, what was sent may have been stored all the same.
  const isUncertain = status === 503 && req.method === "POST" && !(error instanceof Overloaded);
  if (!isUncertain) return PAGES[status];
  return {
    ...PAGES[503],
    advice: message(mayBeSentAgain(req) ? "error-503-sign-in" : "error-503-sent"),
  };
}

/** The forms that can be sent again without a look: at worst a sign-in begins twice. */
const SIGN_IN_FORMS = new Set([
  "/login",
  "/login/2fa",
  "/login/2fa/resync",
  "/login/recovery-code",
  "/confirm",
]);

/** A link that was used meanwhile says so. */
function mayBeSentAgain({ path }: Request): boolean {
  return SIGN_IN_FORMS.has(path) || isLinkPath(path);
}

/** After a 503 the page or the form of sign-in that was asked for; else the start page. */
function nextStep({ link, config }: Site, status: Status, req: Request): { href: string; text: Message } {
  const start = { href: link("/"), text: message("error-start") };
  if (status !== 503) return start;
  const isForm = req.method === "POST";
  const path = isForm ? mayBeSentAgain(req) && link(req.path) : requestedPath(req);
  if (!path) return start;
  // Where a form leads on to stands in its body; in the address, if it does at all, for other pages.
  const next = isForm ? safeNext(req, req.body?.next ?? req.query.next, config) : undefined;
  return { href: next ? `${path}?next=${encodeURIComponent(next)}` : path, text: message("error-try-again") };
}
