/** GET / — what this is, and the next step; signed in, the ways back in and a suggestion. */
import type { RequestHandler } from "express";
import { LOW_RECOVERY_CODES, type Session, type WaysBackIn } from "../../auth/index.js";
import { safeNext } from "../http/next.js";
import { redirect } from "../http/redirect.js";
import { sendPage } from "../render/page.js";
import { requestIndependent } from "../render/page-cache.js";
import { signInOf } from "../session/browser-state.js";
import { isCookieLost } from "../session/lost-cookie.js";
import type { Site } from "../site.js";
import { loginPath } from "../text/messages.js";

export function homePage(site: Site): Record<"show", RequestHandler> {
  const { auth, config } = site;
  const anonymousLocals = requestIndependent({ title: config.appName });
  const show: RequestHandler = async (req, res) => {
    const state = signInOf(req);
    if (state.kind !== "session") {
      // Not after /login: its header links here for people without a session.
      const isLost = state.kind === "anonymous" && isCookieLost(site, req, ["/login"]);
      if (isLost) return redirect(site, res, loginPath("cookies-blocked"));
      return sendPage(site, res, "home", anonymousLocals);
    }
    const ways = await auth.waysBackIn(state);
    const next = safeNext(req, req.query.next, config);
    sendPage(site, res, "home", { title: config.appName, ...ways, next, suggestion: suggest(state, ways) });
  };
  return { show };
}

interface Suggestion {
  why?: string;
  href: string;
  text: string;
}

/** The one thing to do next: the most urgent that applies. */
function suggest(session: Session, { authenticators, sheet }: WaysBackIn): Suggestion {
  const [only, ...others] = authenticators;
  const isReplaced = authenticators.some(({ createdAt }) => createdAt.getTime() > session.startedAt);
  if (session.methods.includes("recovery-code") && only && !isReplaced) {
    return others.length > 0
      ? {
          why: "You came in with a recovery code. If an app of yours is lost, put a new one in its place.",
          href: "/account#authenticators",
          text: "Replace the lost app",
        }
      : {
          why: "You came in with a recovery code. If your app is lost, put a new one in its place now.",
          href: `/account/authenticators/new?replaces=${only.id}`,
          text: "Replace your app",
        };
  }
  if (!sheet || sheet.left === 0) {
    return {
      why: "If your app is ever lost, nothing else lets you back in.",
      href: "/account/recovery-codes",
      text: "Make recovery codes",
    };
  }
  if (sheet.left <= LOW_RECOVERY_CODES) {
    return {
      why: "Few recovery codes are left.",
      href: "/account/recovery-codes",
      text: "Make new recovery codes",
    };
  }
  if (!sheet.provedAt) {
    return {
      why: `You have not yet shown that your sheet of recovery codes can be found and read. Type any code of set ${sheet.number} back to prove it.`,
      href: "/account#recovery-codes",
      text: "Prove your sheet",
    };
  }
  if (others.length === 0) {
    return {
      why: "A second app, on another phone or a computer, spares your recovery codes when the first is lost.",
      href: "/account/authenticators/new",
      text: "Add a second authenticator",
    };
  }
  return { href: "/account", text: "See your account" };
}
