/** GET / — what this is, and the one next step; signed in, the ways back in. */
import type { RequestHandler } from "express";
import { safePath } from "./next.js";
import { page } from "./pages.js";
import { signInOf } from "./session.js";
import type { Site } from "./site.js";

export function homePage({ auth, config }: Site): { show: RequestHandler } {
  const show: RequestHandler = async (req, res) => {
    const state = signInOf(req);
    const waysBackIn = state.kind === "session" ? await auth.waysBackIn(state) : undefined;
    const next = safePath(req.query.next);
    page(res, "home", { title: config.appName, authenticators: [], ...waysBackIn, next });
  };
  return { show };
}
