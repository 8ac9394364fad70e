/** GET /account/history — every sign-in, refusal and change of the last 90 days, fifty a page; `?show=problems` for those alone. */
import type { Request, RequestHandler } from "express";
import { mergeRepeats } from "../../auth/index.js";
import { message } from "../catalogue/message.js";
import { sessionOf } from "../guards.js";
import { sendPage } from "../render/page.js";
import type { Site } from "../site.js";
import { changePasswordHref } from "./after-sign-in.js";
import { byDay, historyEntries } from "./history-entries.js";

export function historyPage(site: Site): Record<"show", RequestHandler> {
  const { auth } = site;
  const show: RequestHandler = async (req, res) => {
    const number = pageNumberOf(req);
    const problems = req.query.show === "problems";
    const session = sessionOf(req);
    const { lines, more } = await auth.historyOf(session, number, { problems });
    const days = byDay(historyEntries(mergeRepeats(lines)));
    const hasPassword = session.hasPassword || site.host.checksPasswords;
    const passwordHref = hasPassword ? changePasswordHref(site) : undefined;
    sendPage(site, res, "history", {
      title: message("history-title"),
      days,
      more,
      number,
      problems,
      passwordHref,
    });
  };
  return { show };
}

/** The number in `?page=`; 1 for anything else. */
function pageNumberOf(req: Request): number {
  const given = req.query.page;
  return typeof given === "string" && /^[1-9][0-9]{0,3}$/.test(given) ? Number(given) : 1;
}
