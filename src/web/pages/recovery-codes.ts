/** GET, POST /account/recovery-codes — makes new recovery codes. Tests: test/web/pages/recovery-codes-current.test.ts */
import type { Request, RequestHandler } from "express";
import { message } from "../catalogue/message.js";
import { askToConfirm, sessionOf } from "../guards.js";
import { NewSheetForm, parseForm } from "../http/forms.js";
import { redirect } from "../http/redirect.js";
import { clientOf } from "../http/request.js";
import { sendPage } from "../render/page.js";
import type { Site } from "../site.js";
import { CURRENT_CODES } from "./recovery-codes-current.js";

interface RecoveryCodes extends Record<"show" | "submit", RequestHandler> {
  /** Whether this form was sent before: its sheet was made already. */
  wasSent: (req: Request) => Promise<boolean>;
}

export function recoveryCodesPage(site: Site): RecoveryCodes {
  const { auth, config } = site;

  const show: RequestHandler = async (req, res) => {
    const { sheet } = await auth.waysBackIn(sessionOf(req));
    sendPage(site, res, "recovery-codes", {
      title: message(sheet ? "codes-make-new-title" : "codes-make-title"),
      sheet,
      // The number of the new sheet makes the form idempotent: a repeated form asks for a sheet that exists.
      number: (sheet?.number ?? 0) + 1,
    });
  };

  const wasSent = async (req: Request) => {
    const { sheet: number } = parseForm(NewSheetForm, req.body);
    const { sheet } = await auth.waysBackIn(sessionOf(req));
    return sheet !== undefined && number !== undefined && number <= sheet.number;
  };

  const submit: RequestHandler = async (req, res) => {
    const { sheet: number } = parseForm(NewSheetForm, req.body);
    if (number === undefined) return redirect(site, res, "/account/recovery-codes");
    const result = await auth.newRecoveryCodes(sessionOf(req), number, clientOf(req, config));
    switch (result.outcome) {
      case "made":
      case "made-before":
        return redirect(site, res, CURRENT_CODES);
      case "confirm-again":
        return askToConfirm(site, req, res);
    }
  };

  return { show, wasSent, submit };
}
