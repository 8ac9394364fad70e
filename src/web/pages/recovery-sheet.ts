/** The sheet of recovery codes, shown once, in the answer to a POST: on the screen, for printing, and as a text file. */
import type { Request, Response } from "express";
import type { NewSheet } from "../../auth/index.js";
import { sendPage } from "../render/page.js";
import { signInOf } from "../session/browser-state.js";
import type { Site } from "../site.js";
import { day } from "../text/format.js";

interface Showing {
  /** Where Continue leads. */
  next: string;
  /** Whether this is the sheet of the set-up; otherwise it was made from the account page. */
  isFirst: boolean;
}

/** Shows a new sheet. It cannot be shown again. */
export function showSheet(site: Site, req: Request, res: Response, sheet: NewSheet, showing: Showing): void {
  const state = signInOf(req);
  const username = "username" in state ? state.username : "";
  const { appName, baseUrl } = site.config;
  const host = baseUrl?.host ?? req.host;
  sendPage(site, res, "recovery-sheet", {
    title: "Your recovery codes",
    sheet,
    username,
    host,
    ...showing,
    download: {
      name: `${fileWord(appName)}-recovery-codes-${fileWord(username)}-${sheet.createdAt.toISOString().slice(0, 10)}.txt`,
      href: `data:text/plain;charset=utf-8,${encodeURIComponent(sheetText({ appName, host, username, sheet }))}`,
    },
  });
}

/** The sheet as plain text. CRLF: every editor shows these line ends. */
export function sheetText(about: {
  appName: string;
  host: string;
  username: string;
  sheet: NewSheet;
}): string {
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
