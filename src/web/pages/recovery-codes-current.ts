/**
 * GET /account/recovery-codes/current — the recovery codes just made: on the screen, for printing, and as a text file; POST …/later
 * puts their check off.
 */
import type { Request, RequestHandler, Response } from "express";
import type { CodesShown, NewSheet } from "../../auth/index.js";
import { sessionOf } from "../guards.js";
import { LaterForm, parseForm } from "../http/forms.js";
import { safeNext } from "../http/next.js";
import { redirect, redirectBack } from "../http/redirect.js";
import { type Problem, sendPage } from "../render/page.js";
import type { Site } from "../site.js";
import { day } from "../text/format.js";
import { flash } from "../text/messages.js";
import type { LockView } from "../text/retry-after.js";

/** Where the codes can be seen until they are checked, put off or too old. */
export const CURRENT_CODES = "/account/recovery-codes/current";

export function recoveryCodesCurrentPage(site: Site): Record<"show" | "postpone", RequestHandler> {
  const { auth, config } = site;

  const show: RequestHandler = async (req, res) => {
    const session = sessionOf(req);
    const shown = auth.codesOnShow(session);
    if (shown) return sendCodes(site, req, res, shown);
    const { sheet } = await auth.waysBackIn(session);
    const whose = sheet ? `The codes of set ${sheet.number}` : "Recovery codes";
    flash(req, "info", `${whose} are no longer shown. If you did not save them, make new ones.`);
    return redirect(site, res, "/account");
  };

  const postpone: RequestHandler = async (req, res) => {
    const { next } = parseForm(LaterForm, req.body);
    await auth.hideCodes(sessionOf(req));
    return redirectBack(site, res, safeNext(req, next, config), "/account");
  };

  return { show, postpone };
}

/** What is said of a code that was typed back. */
interface Refused {
  problem?: Problem;
  locked?: LockView | undefined;
}

/** Renders the codes with the forms that check them and put the check off. */
export function sendCodes(
  site: Site,
  req: Request,
  res: Response,
  { sheet, next, isFirst }: CodesShown,
  refused: Refused = {},
): void {
  const { username } = sessionOf(req);
  const { appName, baseUrl, contact } = site.config;
  const host = baseUrl?.host ?? req.host;
  sendPage(site, res, "recovery-codes-current", {
    title: "Your recovery codes",
    sheet,
    username,
    host,
    next: next ?? site.link(isFirst ? "/" : "/account"),
    isFirst,
    contact,
    download: {
      name: `${fileWord(appName)}-recovery-codes-${fileWord(username)}-${sheet.createdAt.toISOString().slice(0, 10)}.txt`,
      href: `data:text/plain;charset=utf-8,${encodeURIComponent(sheetText({ appName, host, username, sheet }))}`,
    },
    ...refused,
  });
}

/** The sheet as plain text. CRLF: every editor shows these line ends. */
function sheetText(about: { appName: string; host: string; username: string; sheet: NewSheet }): string {
  const { appName, host, username, sheet } = about;
  const lines = [
    `Recovery codes for ${username} at ${appName} (${host})`,
    `Set ${sheet.number}, made on ${day(sheet.createdAt)}`,
    "",
    ...sheet.codes.map((code, index) => `${String(index + 1).padStart(2)}.  ${code}`),
    "",
    "What they are for: when your authenticator app is lost, sign in with your password and one of these codes.",
    "Each works once: cross it out after use. A newer set makes this one worthless.",
    "Keep this apart from your phone, where nobody else can read it. Nobody will ever ask you for these codes.",
    "",
  ];
  return lines.join("\r\n");
}

/** The text with only those characters that any system allows in a file name. */
function fileWord(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9._@+-]+/g, "-");
}
