/**
 * POST /account/recovery-codes/proof — checks a code typed back from the saved copy; it stays unused.
 * Tests: test/web/pages/recovery-codes.test.ts
 */
import type { Request, RequestHandler, Response } from "express";
import { message } from "../catalogue/message.js";
import { sessionOf } from "../guards.js";
import { ProofForm, parseForm } from "../http/forms.js";
import { safeNext } from "../http/next.js";
import { redirect, redirectBack } from "../http/redirect.js";
import { clientOf } from "../http/request.js";
import { type Problem, sendPage } from "../render/page.js";
import { forgetPages } from "../session/cookies.js";
import type { Site } from "../site.js";
import { flash, loginPath } from "../text/messages.js";
import { CODE_IN_PROOF_FIELD, NOT_A_RECOVERY_CODE, refusalProblem } from "../text/refusals.js";
import { LOCKED, lockView } from "../text/retry-after.js";
import { sendCodes } from "./recovery-codes-current.js";

export function recoveryCodesProofPage(site: Site): Record<"submit", RequestHandler> {
  const { auth, config } = site;

  const submit: RequestHandler = async (req, res) => {
    const { recovery_code: typed, next } = parseForm(ProofForm, req.body);
    const result = await auth.proveSheet(sessionOf(req), typed, clientOf(req, config));
    switch (result.outcome) {
      case "proved":
        forgetPages(res, config, auth.now());
        flash(req, "success", message("codes-checked", { set: result.sheet }));
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

  /** Shows the codes again while that is possible, so that nobody loses codes not saved yet. */
  async function showProof(req: Request, res: Response, next: string, refused: Problem): Promise<void> {
    const session = sessionOf(req);
    const locked = lockView(res, await auth.lockoutFor(session, clientOf(req, config)), auth.now());
    const problem = locked ? LOCKED : refused;
    const wanted = safeNext(req, next, config);
    const shown = auth.codesOnShow(session);
    if (shown)
      return sendCodes(site, req, res, { ...shown, next: wanted ?? shown.next }, { problem, locked });
    const { sheet } = await auth.waysBackIn(session);
    sendPage(site, res, "recovery-codes-proof", {
      title: message("codes-check"),
      problem,
      sheet,
      next: wanted ?? site.link("/account"),
      username: session.username,
      issuer: config.appName,
      locked,
      contact: config.contact,
    });
  }

  return { submit };
}
