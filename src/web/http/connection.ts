/**
 * Refuses requests by their connection: plain HTTP where HTTPS is required, or closed already.
 * Tests: test/security/headers.test.ts, test/security/slow-clients.test.ts
 */
import type { NextFunction, Request, RequestHandler, Response } from "express";
import type { Config } from "../../config/config.js";
import { addressOf } from "./address.js";
import { HttpError } from "./errors.js";

/**
 * With an https BASE_URL, refuses plain HTTP with a page that says why. The cookie is Secure then, so over plain HTTP a person
 * would be sent to the sign-in page for ever.
 */
export function requireHttps({ baseUrl }: Pick<Config, "baseUrl">): RequestHandler {
  return (req: Request, _res: Response, next: NextFunction) => {
    next(baseUrl?.protocol === "https:" && !req.secure ? new HttpError(400, "not-https") : undefined);
  };
}

/** Drops requests whose connection is already closed: nobody waits for the answer, and there is no address to rate-limit. */
export const dropClosedConnections: RequestHandler = (req, res, next) => {
  if (addressOf(req) === undefined) res.destroy();
  else next();
};
