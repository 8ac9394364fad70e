/** Messages that survive a redirect: flash messages for browsers with a session, `?notice=` from a closed list for all others. */
import type { Request } from "express";
import { type Message, message, parseMessage, serialiseMessage } from "../catalogue/message.js";
import { isSeen } from "../http/request.js";
import { hasFlash, sessionRequestOf } from "../session/browser-state.js";

export interface FlashMessage {
  category: (typeof CATEGORIES)[number];
  text: Message;
}

const CATEGORIES = ["success", "info", "warning", "danger"] as const;

/** The only texts that a link can make a page show. */
const NOTICES = {
  "signed-out": { category: "success", text: message("notice-signed-out") },
  "start-again": { category: "info", text: message("notice-start-again") },
  "sign-in": { category: "info", text: message("notice-sign-in") },
  "not-carried-out": { category: "warning", text: message("notice-not-carried-out") },
  // A form of a browser whose pending login or session had ended, perhaps between the guards and the change.
  "signed-out-here": { category: "warning", text: message("notice-signed-out-here") },
  "cookies-blocked": { category: "warning", text: message("notice-cookies-blocked") },
  expired: { category: "warning", text: message("notice-expired") },
  "expired-site": { category: "warning", text: message("notice-expired-site") },
  "set-up-expired": { category: "warning", text: message("notice-set-up-expired") },
} satisfies Record<string, FlashMessage>;

type Notice = keyof typeof NOTICES;

/** The path of the sign-in page with a notice, for browsers without a session to keep a message in. @param next where to go then */
export function loginPath(notice: Notice, next?: string): string {
  return `/login?notice=${notice}${next ? `&next=${encodeURIComponent(next)}` : ""}`;
}

/** The path of the sign-in page for a pending login that has ended. */
export function expiredPath({
  isSettingUp,
  methods,
}: {
  isSettingUp: boolean;
  methods: readonly string[];
}): string {
  // Our own sign-in page cannot help anyone who came by the host app's.
  if (methods.includes("host")) return loginPath("expired-site");
  return loginPath(isSettingUp ? "set-up-expired" : "expired");
}

/** The path of the step-up page, which leads on to `next`. */
export function confirmPath(next?: string, notice?: Notice): string {
  const parameters = [
    ...(next === undefined ? [] : [`next=${encodeURIComponent(next)}`]),
    ...(notice === undefined ? [] : [`notice=${notice}`]),
  ];
  return parameters.length === 0 ? "/confirm" : `/confirm?${parameters.join("&")}`;
}

/** More than a page has room for. Bounds what a program that never reads a page can store. */
const MAX_MESSAGES = 5;

/** Serialises messages as connect-flash stores them, for a session that starts with them; "" for none. */
export function serialiseMessages(messages: readonly FlashMessage[]): string {
  if (messages.length === 0) return "";
  const texts: Record<string, string[]> = {};
  for (const { category, text } of messages) {
    texts[category] = [...(texts[category] ?? []), serialiseMessage(text)];
  }
  return JSON.stringify(texts);
}

/**
 * Stores a message for the next page of this pending login or session; above the limit it drops the earlier ones. Requests whose
 * answer nobody sees (prefetches, HEAD) store none.
 */
export function flash(req: Request, category: FlashMessage["category"], text: Message): void {
  if (req.method !== "POST" && !isSeen(req)) return;
  const browser = sessionRequestOf(req);
  if (Object.values(browser.session.flash ?? {}).flat().length >= MAX_MESSAGES) browser.flash();
  // With three arguments: given two, connect-flash formats through a deprecated function.
  browser.flash(category, "%s", serialiseMessage(text));
}

/** The notice that the query names, and the flash messages of this browser. Flash messages are removed once a person sees them. */
export function messagesOf(req: Request): FlashMessage[] {
  const key = typeof req.query.notice === "string" ? req.query.notice : "";
  const notice = Object.hasOwn(NOTICES, key) ? [NOTICES[key as Notice]] : [];
  return [...notice, ...takeFlash(req)];
}

function takeFlash(req: Request): FlashMessage[] {
  if (!hasFlash(req) || !isSeen(req)) return [];
  return Object.entries(sessionRequestOf(req).flash()).flatMap(([category, texts]) =>
    texts.map((text) => ({
      category: CATEGORIES.find((one) => one === category) ?? "info",
      // An earlier version stored plain text.
      text: parseMessage(text) ?? message("plain", { text }),
    })),
  );
}
