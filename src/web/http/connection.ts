/** Requests that cannot be served, by their connection: plain HTTP where https is meant, or gone already. */
import type { NextFunction, Request, RequestHandler, Response } from "express";
import type { Config } from "../../config/config.js";
import { addressOf } from "./address.js";
import { HttpError } from "./errors.js";

/** With an https BASE_URL the cookie is Secure: over plain HTTP a person could only go in circles, so say why. */
export function requireHttps({ baseUrl }: Pick<Config, "baseUrl">): RequestHandler {
  return (req: Request, _res: Response, next: NextFunction) => {
    next(baseUrl?.protocol === "https:" && !req.secure ? new HttpError(400, "not-https") : undefined);
  };
}

/** Drops requests whose connection is already gone: nobody waits for the answer, and there is no address to count guesses by. */
export const dropClosedConnections: RequestHandler = (req, res, next) => {
  if (addressOf(req) === undefined) res.destroy();
  else next();
};
