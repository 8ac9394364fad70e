/**
 * Shared by the two pages that set up an app: what adds the entry to the app, and whether a refusal needs it again.
 * Tests: test/web/pages/login-2fa.test.ts, test/web/pages/refused-set-up-codes.test.ts
 */
import type { Request } from "express";
import type { Auth, Diagnosis } from "../../auth/index.js";
import type { Problem } from "../render/page.js";
import { drawQr } from "../render/qr.js";
import type { Site } from "../site.js";
import { authenticatorApps } from "./authenticator-apps.js";

type Enrolment = NonNullable<Awaited<ReturnType<Auth["enrolmentOf"]>>>;

/** The locals of the set-up partials. */
export function setUpLocals(
  { config, languages }: Site,
  req: Request,
  enrolment: Enrolment,
  problem: Problem | undefined,
) {
  return {
    ...enrolment,
    issuer: config.appName,
    qr: drawQr(enrolment.uri, languages.of(req).html("qr-name")),
    apps: authenticatorApps,
    isEntryWrong: problem !== undefined && WRONG_ENTRY.has(problem.reason),
  };
}

/** The refusals after which the entry in the app must be made again: the page shows its QR code at once. */
const WRONG_ENTRY: ReadonlySet<string> = new Set<Diagnosis["reason"]>([
  "other-algorithm",
  "other-digits",
  "other-period",
  "counter-based",
  "earlier-qr",
]);
