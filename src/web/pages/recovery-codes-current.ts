/**
 * GET /account/recovery-codes/current — the recovery codes just made: on the screen, for printing, and as a text file; POST …/later
 * puts their check off.
 */
import type { Request, RequestHandler, Response } from "express";
import { asksPassword, type CodesShown, type NewSheet } from "../../auth/index.js";
import type { Catalogue } from "../catalogue/catalogue.js";
import { message } from "../catalogue/message.js";
import { sessionOf } from "../guards.js";
import { LaterForm, parseForm } from "../http/forms.js";
import { safeNext } from "../http/next.js";
import { redirect, redirectBack } from "../http/redirect.js";
import { clientOf } from "../http/request.js";
import { type Problem, sendPage } from "../render/page.js";
import { forgetPages } from "../session/cookies.js";
import type { Site } from "../site.js";
import { flash } from "../text/messages.js";
import { type LockView, lockView } from "../text/retry-after.js";

/** Where the codes can be seen until they are checked, put off or too old. */
export const CURRENT_CODES = "/account/recovery-codes/current";

export function recoveryCodesCurrentPage(site: Site): Record<"show" | "postpone", RequestHandler> {
  const { auth, config } = site;

  const show: RequestHandler = async (req, res) => {
    const session = sessionOf(req);
    const shown = auth.codesOnShow(session);
    if (shown) {
      const locked = lockView(res, await auth.lockoutFor(session, clientOf(req, config)), auth.now());
      return sendCodes(site, req, res, shown, { locked });
    }
    const { sheet } = await auth.waysBackIn(session);
    const href = site.link("/account/recovery-codes");
    if (sheet) flash(req, "info", message("codes-gone", { set: sheet.number, href }));
    return redirect(site, res, "/account");
  };

  const postpone: RequestHandler = async (req, res) => {
    const { next } = parseForm(LaterForm, req.body);
    await auth.hideCodes(sessionOf(req));
    forgetPages(res, config, auth.now());
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
  refused: Refused,
): void {
  const session = sessionOf(req);
  const { username } = session;
  const { appName, baseUrl } = site.config;
  const { text } = site.languages.of(req);
  const host = baseUrl?.host ?? req.host;
  const origin = baseUrl?.origin ?? `${req.protocol}://${host}`;
  const byPassword = asksPassword(session);
  // The app's own sign-in is somewhere on its site.
  const address = byPassword ? `${origin}${site.link("/login")}` : origin;
  const facts = { username, host, sheet, address, byPassword };
  const words = [appName, text("codes-file-name"), username, sheet.createdAt.toISOString().slice(0, 10)];
  sendPage(site, res, "recovery-codes-current", {
    title: message("codes-title"),
    ...facts,
    isFirst,
    older: sheet.number > 1 ? sheet.number - 1 : undefined,
    next: next ?? site.link(isFirst ? "/" : "/account"),
    download: {
      name: `${words.map(fileWord).join("-")}.txt`,
      href: `data:text/plain;charset=utf-8,${encodeURIComponent(fileText(text, facts))}`,
    },
    ...refused,
  });
}

interface Facts {
  username: string;
  host: string;
  /** Of the sign-in page, or of the site where that is the app's own. */
  address: string;
  sheet: NewSheet;
  /** Whether a password is the first factor, and not the host app's own sign-in. */
  byPassword: boolean;
}

/** The codes as a plain text file. CRLF: every editor shows these line ends. */
function fileText(text: Catalogue["text"], { username, host, address, sheet, byPassword }: Facts): string {
  const lines = [
    text("codes-for", { username }),
    text("codes-facts", { set: sheet.number, at: sheet.createdAt, host }),
    "",
    ...sheet.codes.map((code, index) => `${String(index + 1).padStart(2)}.  ${code}`),
    "",
    text(byPassword ? "codes-file-use" : "codes-file-use-site", { address }),
    text("codes-file-once"),
    text("codes-file-safe"),
    "",
  ];
  return lines.join("\r\n");
}

/** The text with only those characters that any system allows in a file name. */
function fileWord(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9._@+-]+/g, "-");
}
