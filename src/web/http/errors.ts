/**
 * Error pages: what happened and the next step, in plain words. The cause goes only to the log.
 * Tests: test/security/malformed.test.ts, test/security/unknown-values.test.ts
 */
import type { ErrorRequestHandler, RequestHandler, Response } from "express";
import type { Logger } from "pino";
import { Overloaded, StoreUnavailable } from "../../auth/index.js";
import { sendPage } from "../render/page.js";
import type { Site } from "../site.js";
import { pathOf } from "./request-log.js";

/** Thrown, or passed to `next`, to answer with an error page. */
export class HttpError extends Error {
  override name = "HttpError";
  constructor(
    readonly status: number,
    readonly reason?: "not-https",
    options?: ErrorOptions,
  ) {
    super(`HTTP ${status}`, options);
  }
}

interface ErrorPage {
  heading: string;
  explanation: string;
  nextStep?: { href: string; text: string };
}

const START = { href: "/", text: "Go to the start page" };

const NOT_HTTPS: ErrorPage = {
  heading: "This address must be opened over HTTPS",
  explanation:
    "Latchkey was asked over plain HTTP, or by a proxy that it was not told to trust. For the operator: end TLS at a " +
    "proxy that sends X-Forwarded-Proto, and name its address in TRUST_PROXY.",
};

const PAGES: Record<number, ErrorPage> = {
  400: {
    heading: "That request could not be read",
    explanation: "Something in it was missing, doubled or damaged on the way. Nothing was changed.",
  },
  403: {
    heading: "That came from another site",
    explanation: "For your safety only forms on this site are accepted. Nothing was changed.",
  },
  404: {
    heading: "There is no such page",
    explanation: "The address may be mistyped, or the page has moved.",
  },
  405: {
    heading: "That cannot be done here",
    explanation: "This address exists, but it does not answer this kind of request. Nothing was changed.",
  },
  413: {
    heading: "That was too much at once",
    explanation: "What was sent is larger than any form on this site. Nothing was changed.",
  },
  415: {
    heading: "That form was sent in an unknown way",
    explanation: "Only ordinary web forms are accepted here. Nothing was changed.",
  },
  429: {
    heading: "Too many tries",
    explanation: "Wait a while, then try again. Nothing was changed.",
  },
  500: {
    heading: "Something went wrong on our side",
    explanation:
      "It has been noted. Try again in a moment; if it keeps happening, tell whoever runs this site.",
  },
  503: {
    heading: "The service is busy or restarting",
    explanation: "Wait a few seconds, then open the page again.",
  },
};

export const notFound: RequestHandler = (_req, _res, next) => next(new HttpError(404));

/** Answers 405 for a path that has other methods. @param allowed those methods */
export function methodNotAllowed(allowed: string[]): RequestHandler {
  return (_req, res, next) => {
    res.set("Allow", allowed.join(", "));
    next(new HttpError(405));
  };
}

/** Answers every error with a page, and logs the cause of those with a 5xx status. */
export function errorPages(site: Site, log: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, _next) => {
    const status = statusOf(error);
    if (error instanceof Overloaded) log.warn({ requestId: req.id, path: pathOf(req) }, error.message);
    else if (status >= 500) log.error({ requestId: req.id, err: error, path: pathOf(req) }, "request failed");
    // Too late for a page: cut the connection, so that nobody takes half an answer for a whole one.
    if (res.headersSent) return void res.destroy();
    if (status === 503) res.set("Retry-After", "5");
    showError(
      site,
      res,
      status,
      error instanceof HttpError && error.reason === "not-https" ? NOT_HTTPS : PAGES[status],
    );
  };
}

/** Answers in plain text when the error page itself fails. Express's own answer would show a stack trace. */
export function lastResort(log: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, _next) => {
    log.error({ requestId: req.id, err: error, path: pathOf(req) }, "error page failed");
    if (res.headersSent) return void res.destroy();
    const text = `Something went wrong on our side. Try again in a moment. Reference: ${req.id}`;
    res.status(500).type("text").send(text);
  };
}

/** The HTTP status of an error. Ours, body-parser's and the router's errors carry one; anything else is a bug, and a 500. */
export function statusOf(error: unknown): number {
  if (error instanceof StoreUnavailable || error instanceof Overloaded) return 503;
  const status = error instanceof Error && "status" in error ? Number(error.status) : 500;
  if (status in PAGES) return status;
  return status >= 400 && status < 500 ? 400 : 500;
}

function showError(
  site: Site,
  res: Response,
  status: number,
  content: ErrorPage = PAGES[500] as ErrorPage,
): void {
  // The request id, by which the operator finds the cause in the log.
  const reference = status === 500 ? res.req.id : undefined;
  sendPage(site, res.status(status), "error", {
    title: content.heading,
    nextStep: START,
    reference,
    ...content,
  });
}
