/** GET /account — who you are, since when, with what. */
import type { RequestHandler } from "express";
import { HttpError } from "./errors.js";
import { sessionOf } from "./guards.js";
import { page } from "./pages.js";
import type { Site } from "./site.js";

export function accountPage({ auth }: Site): { show: RequestHandler } {
  const show: RequestHandler = async (req, res) => {
    const account = await auth.accountOf(sessionOf(req));
    if (!account) throw new HttpError(404);
    page(res, "account", { title: "Your account", ...account });
  };
  return { show };
}
