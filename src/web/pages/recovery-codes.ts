/** GET, POST /account/recovery-codes — makes a new sheet; POST /account/recovery-codes/proof — checks a code typed back from it. */
import type { Request, RequestHandler, Response } from "express";
import { askToConfirm, sessionOf } from "../guards.js";
import { NewSheetForm, ProofForm, parseForm } from "../http/forms.js";
import { safeNext } from "../http/next.js";
import { redirect, redirectBack } from "../http/redirect.js";
import { clientOf } from "../http/request.js";
import { type Problem, sendPage } from "../render/page.js";
import type { Site } from "../site.js";
import { day } from "../text/format.js";
import { flash, loginPath } from "../text/messages.js";
import { CODE_IN_PROOF_FIELD, NOT_A_RECOVERY_CODE, refusalProblem } from "../text/refusals.js";
import { LOCKED, lockView } from "../text/retry-after.js";
import { showSheet } from "./recovery-sheet.js";

interface RecoveryCodes extends Record<"show" | "submit" | "prove", RequestHandler> {
  /** Whether this form was sent before: its sheet was made already. */
  wasSent: (req: Request) => Promise<boolean>;
}

export function recoveryCodesPage(site: Site): RecoveryCodes {
  const { auth, config } = site;

  const show: RequestHandler = async (req, res) => {
    const { sheet } = await auth.waysBackIn(sessionOf(req));
    sendPage(site, res, "recovery-codes", {
      title: "New recovery codes",
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
        return showSheet(site, req, res, result.sheet, { next: site.link("/account"), isFirst: false });
      case "made-before":
        return answerRepeated(req, res, result.sheet);
      case "confirm-again":
        return askToConfirm(site, req, res);
    }
  };

  const prove: RequestHandler = async (req, res) => {
    const { recovery_code: typed, next } = parseForm(ProofForm, req.body);
    const result = await auth.proveSheet(sessionOf(req), typed, clientOf(req, config));
    switch (result.outcome) {
      case "proved":
        flash(
          req,
          "success",
          `Your sheet is right: set ${result.sheet} is saved. The code that you typed still works.`,
        );
        return redirectBack(site, res, safeNext(req, next, config), "/account");
      case "not-a-code":
        return showProof(
          req,
          res.status(401),
          next,
          result.isForOtherField ? CODE_IN_PROOF_FIELD : NOT_A_RECOVERY_CODE,
        );
      case "recovery-code-refused":
        return showProof(req, res.status(401), next, refusalProblem(result, auth.now()));
      case "locked":
        return showProof(req, res.status(429), next, LOCKED);
      case "expired":
        return redirect(site, res, loginPath("signed-out-here", safeNext(req, next, config)));
    }
  };

  async function answerRepeated(req: Request, res: Response, sheet: { number: number; createdAt: Date }) {
    const which = `set ${sheet.number} of ${day(sheet.createdAt)} is valid`;
    flash(req, "info", `Recovery codes are shown only once: ${which}, and no other was made.`);
    await redirect(site, res, "/account");
  }

  async function showProof(req: Request, res: Response, next: string, problem: Problem): Promise<void> {
    const session = sessionOf(req);
    const { sheet } = await auth.waysBackIn(session);
    const locked = lockView(res, await auth.lockoutFor(session, clientOf(req, config)), auth.now());
    sendPage(site, res, "recovery-codes-proof", {
      title: "Prove your sheet",
      problem: locked ? LOCKED : problem,
      sheet,
      next: safeNext(req, next, config) ?? site.link("/account"),
      username: session.username,
      issuer: config.appName,
      locked,
      contact: config.contact,
    });
  }

  return { show, wasSent, submit, prove };
}
