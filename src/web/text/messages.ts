/** Messages that survive a redirect: flash for browsers with a row, `?notice=` from a closed list for all others. */
import type { Request } from "express";
import { isSeen } from "../http/navigation.js";
import { browserOf, hasFlash } from "../session/browser-state.js";

export interface Message {
  category: (typeof CATEGORIES)[number];
  text: string;
}

const CATEGORIES = ["success", "info", "warning", "danger"] as const;

/** The only texts that an address can bring up. */
const NOTICES = {
  "signed-out": { category: "success", text: "You are signed out." },
  "start-again": { category: "info", text: "That sign-in was cancelled. Start again." },
  "sign-in": { category: "info", text: "Sign in to see that page." },
  "not-carried-out": {
    category: "warning",
    text: "What you sent was not carried out. Go on here first, then look at it again.",
  },
  "signed-out-here": {
    category: "warning",
    text: "You are signed out. What you sent was not carried out, or its answer was lost on the way: sign in and check.",
  },
  "cookies-blocked": {
    category: "warning",
    text:
      "Your browser did not send back the cookie that signing in needs. Unless you have just signed out, allow cookies for " +
      "this site, then sign in again.",
  },
  expired: {
    category: "warning",
    text: "The time for this sign-in ran out. Start again with your password; nothing was lost.",
  },
} satisfies Record<string, Message>;

type Notice = keyof typeof NOTICES;

/** The notice for a pending login or session that ended between the guards and the change. */
export const NOT_DONE = "signed-out-here" satisfies Notice;

/** The login page with a notice, for browsers that have no row to keep a message in. */
export function loginPath(notice: Notice, next?: string): string {
  return `/login?notice=${notice}${next ? `&next=${encodeURIComponent(next)}` : ""}`;
}

/** The page of step-up, which leads on to `next`. */
export function confirmPath(next?: string, notice?: Notice): string {
  const parameters = [
    ...(next === undefined ? [] : [`next=${encodeURIComponent(next)}`]),
    ...(notice === undefined ? [] : [`notice=${notice}`]),
  ];
  return parameters.length === 0 ? "/confirm" : `/confirm?${parameters.join("&")}`;
}

/** After a change of the password or the second factor. */
export const OTHERS_ARE_OUT = "Every other browser is signed out, and no device is trusted any more.";

/** More than a page has room for; whoever never reads them leaves no more than these. */
const MAX_MESSAGES = 5;

/** Messages as connect-flash keeps them: the bytes of a row that is opened with them. */
export function serialiseMessages(messages: readonly Message[]): string {
  if (messages.length === 0) return "";
  const texts: Record<string, string[]> = {};
  for (const { category, text } of messages) {
    texts[category] = [...(texts[category] ?? []), text];
  }
  return JSON.stringify(texts);
}

/**
 * Keeps a message for the next page of this pending login or session. Requests that nobody looks at (prefetches, HEAD) leave
 * none.
 */
export function flash(req: Request, category: Message["category"], text: string): void {
  if (req.method !== "POST" && !isSeen(req)) return;
  const browser = browserOf(req);
  if (Object.values(browser.session.flash ?? {}).flat().length >= MAX_MESSAGES) browser.flash();
  // Three arguments: connect-flash formats two through a deprecated function.
  browser.flash(category, "%s", text);
}

/**
 * The notice that the address names, and the messages that wait for this browser. They are removed only when a person sees the
 * page.
 */
export function messagesOf(req: Request): Message[] {
  const key = typeof req.query.notice === "string" ? req.query.notice : "";
  const notice = Object.hasOwn(NOTICES, key) ? [NOTICES[key as Notice]] : [];
  return [...notice, ...takeFlash(req)];
}

function takeFlash(req: Request): Message[] {
  if (!hasFlash(req) || !isSeen(req)) return [];
  return Object.entries(browserOf(req).flash()).flatMap(([category, texts]) =>
    texts.map((text) => ({ category: CATEGORIES.find((one) => one === category) ?? "info", text })),
  );
}
