/** What the routes of an app that Latchkey is mounted in are given: a guard, and who is there where nothing is guarded. */
import type { Request, RequestHandler } from "express";
import type { Auth } from "../auth/index.js";
import type { Config } from "../config.js";
import type { Account, Demand } from "../face.js";

export function hostGuards(
  _auth: Auth,
  _config: Config,
  _secrets: string[],
  _link: (path: string) => string,
) {
  return {
    requireSession:
      (_demand?: Demand): RequestHandler =>
      (_q, _s, next) =>
        next(new Error("later")),
    accountOf: async (_req: Request): Promise<Account | undefined> => undefined,
  };
}
