/** GET / — what this is, and the one next step. */
import type { RequestHandler } from "express";
import { page } from "./pages.js";
import { signInOf } from "./session.js";
import type { Site } from "./site.js";

export function homePage({ auth, config }: Site): { show: RequestHandler } {
  const show: RequestHandler = async (req, res) => {
    const state = signInOf(req);
    const account = state.kind === "session" ? await auth.accountOf(state) : undefined;
    page(res, "home", { title: config.appName, authenticators: account?.authenticators ?? [] });
  };
  return { show };
}
