/**
 * The URL table: method, path, guards, handler. Start reading here.
 * Tests: test/docs/pages.test.ts, test/security/forced-browsing.test.ts
 */
import { type Request, type RequestHandler, Router } from "express";
import { createGuards, requireDirectLoopback } from "./guards.js";
import { methodNotAllowed } from "./http/errors.js";
import { leadingToApps } from "./http/headers.js";
import { ownPaths } from "./http/own-paths.js";
import { isDirectLoopback } from "./http/request.js";
import { accountPage } from "./pages/account.js";
import { authenticatorNewPage } from "./pages/authenticator-new.js";
import { authenticatorRemovePage } from "./pages/authenticator-remove.js";
import { confirmPage } from "./pages/confirm.js";
import { devAuthenticatorPage } from "./pages/dev-authenticator.js";
import { historyPage } from "./pages/history.js";
import { homePage } from "./pages/home.js";
import { linkPage } from "./pages/link.js";
import { loginPage } from "./pages/login.js";
import { login2faPage } from "./pages/login-2fa.js";
import { login2faResyncPage } from "./pages/login-2fa-resync.js";
import { loginRecoveryCodePage } from "./pages/login-recovery-code.js";
import { logoutPage } from "./pages/logout.js";
import { passwordPage } from "./pages/password.js";
import { recoveryCodesPage } from "./pages/recovery-codes.js";
import { recoveryCodesCurrentPage } from "./pages/recovery-codes-current.js";
import { recoveryCodesProofPage } from "./pages/recovery-codes-proof.js";
import type { Site } from "./site.js";

/** One line of the table. `ALL` is any method; a regular expression as path covers all files under it. */
export type Row<Path extends string | RegExp = string> = [
  method: "GET" | "POST" | "ALL",
  path: Path,
  guards: RequestHandler[],
  handler: RequestHandler,
];

/** Every URL, in four groups. Requests meet them in this order; app.ts puts the middleware between them. */
export interface UrlTable {
  /** Health checks of monitoring and load balancers: frequent, over plain HTTP, without cookies. */
  probes: Row[];
  assets: Row<RegExp>[];
  /** Forward authentication: a reverse proxy asks here, about requests of any kind. */
  proxy: Row[];
  /** The pages. A known path with another method is a 405. */
  pages: Row[];
}

/** The handlers that need more than the site; app.ts makes them by health.ts, assets.ts and auth-verify.ts. */
export interface MachineHandlers {
  alive: RequestHandler;
  ready: RequestHandler;
  files: RequestHandler;
  verify: RequestHandler;
}

/** Builds the table. A feature that is switched off has no URLs. */
export function urlTable(site: Site, { alive, ready, files, verify }: MachineHandlers): UrlTable {
  return {
    probes: [
      ["ALL", "/healthz", [], alive],
      ["ALL", "/readyz", [], ready],
    ],
    assets: [["GET", /^\/assets\//, [], files]],
    proxy: [["ALL", "/auth/verify", [], verify]],
    pages: pageRows(site),
  };
}

function pageRows(site: Site): Row[] {
  const {
    requireAnonymous,
    requirePendingLogin,
    requirePendingLoginOrSession,
    requireSession,
    requireStepUp,
    requireStepUpUnless,
  } = createGuards(site);
  const allowFormsToReachApps = leadingToApps(site.config);
  const home = homePage(site);
  const login = loginPage(site);
  const login2fa = login2faPage(site);
  const resync = login2faResyncPage(site);
  const link = linkPage(site);
  const logout = logoutPage(site);
  const recovery = loginRecoveryCodePage(site);
  const confirm = confirmPage(site);
  const account = accountPage(site);
  const history = historyPage(site);
  const recoveryCodes = recoveryCodesPage(site);
  const currentCodes = recoveryCodesCurrentPage(site);
  const codesProof = recoveryCodesProofPage(site);
  const newAuthenticator = authenticatorNewPage(site);
  const removeAuthenticator = authenticatorRemovePage(site);
  const rows: Row[] = [
    ["GET", "/", [], home.show],
    ["GET", "/login", [allowFormsToReachApps, requireAnonymous], login.show],
    ["POST", "/login", [allowFormsToReachApps, requireAnonymous], login.submit],
    ["GET", "/login/2fa", [allowFormsToReachApps, requirePendingLogin], login2fa.show],
    ["POST", "/login/2fa", [allowFormsToReachApps, requirePendingLoginOrSession], login2fa.submit],
    ["GET", "/login/recovery-code", [allowFormsToReachApps, requirePendingLogin], recovery.show],
    ["POST", "/login/recovery-code", [allowFormsToReachApps, requirePendingLogin], recovery.submit],
    ["GET", "/link/:token", [], link.show],
    ["POST", "/link/:token", [], link.submit],
    ["GET", "/logout", [allowFormsToReachApps], logout.show],
    ["POST", "/logout", [allowFormsToReachApps], logout.submit],
    ["GET", "/confirm", [allowFormsToReachApps, requireSession], confirm.show],
    ["POST", "/confirm", [allowFormsToReachApps, requireSession], confirm.submit],
    ["GET", "/account", [requireSession], account.show],
    ["GET", "/account/history", [requireSession], history.show],
    ...passwordRows(site, requireStepUp),
    ["GET", "/account/authenticators/new", [requireStepUp], newAuthenticator.show],
    ["POST", "/account/authenticators/new", [requireStepUp], newAuthenticator.submit],
    ["POST", "/account/authenticators/:id/rename", [requireSession], account.rename],
    ["GET", "/account/authenticators/:id/remove", [requireStepUp], removeAuthenticator.show],
    ["POST", "/account/authenticators/:id/remove", [requireStepUp], removeAuthenticator.submit],
    ["GET", "/account/recovery-codes", [requireStepUp], recoveryCodes.show],
    [
      "POST",
      "/account/recovery-codes",
      [requireSession, requireStepUpUnless(recoveryCodes.wasSent)],
      recoveryCodes.submit,
    ],
    ["GET", "/account/recovery-codes/current", [allowFormsToReachApps, requireSession], currentCodes.show],
    ["POST", "/account/recovery-codes/proof", [allowFormsToReachApps, requireSession], codesProof.submit],
    ["POST", "/account/recovery-codes/later", [allowFormsToReachApps, requireSession], currentCodes.postpone],
    ["POST", "/account/sessions/:id/end", [requireSession], account.endSession],
    ["POST", "/account/sessions/end-others", [requireSession], account.endOthers],
    ["POST", "/account/trusted-devices/:id/forget", [requireSession], account.forgetDevice],
  ];
  if (site.config.policy.resync) {
    rows.push(
      ["GET", "/login/2fa/resync", [allowFormsToReachApps, requirePendingLogin], resync.show],
      ["POST", "/login/2fa/resync", [allowFormsToReachApps, requirePendingLogin], resync.submit],
    );
  }
  if (!site.config.production) {
    rows.push(["GET", "/dev/authenticator", [requireDirectLoopback], devAuthenticatorPage(site).show]);
  }
  return rows;
}

/** Where the host app checks passwords, they are changed on its page; without one there is none. */
function passwordRows(site: Site, requireStepUp: RequestHandler): Row[] {
  const { checksPasswords, changePasswordUrl } = site.host;
  const { show, submit, wellKnown, leave, requireOwnPassword } = passwordPage(site);
  if (!checksPasswords)
    return [
      ["GET", "/account/password", [requireOwnPassword, requireStepUp], show],
      ["POST", "/account/password", [requireOwnPassword, requireStepUp], submit],
      ["GET", "/.well-known/change-password", [], wellKnown],
    ];
  if (changePasswordUrl === undefined) return [];
  return [
    ["GET", "/account/password", [], leave],
    ["GET", "/.well-known/change-password", [], leave],
  ];
}

export function pathsOf(rows: readonly Row[]): string[] {
  return rows.map(([, path]) => path);
}

/**
 * Whether a request is for a page that is hidden from its sender. Such a request must leave our router before its body is read,
 * as one for an unknown path does: a 415 or a 404 of ours would reveal the page.
 */
export function hiddenFrom(rows: readonly Row[]): (req: Request) => boolean {
  const hidden = rows.filter(isHidden);
  if (hidden.length === 0) return () => false;
  const isHiddenPath = ownPaths(pathsOf(hidden), []);
  return (req) => isHiddenPath(req.path) && !isDirectLoopback(req);
}

function isHidden([, , guards]: Row): boolean {
  return guards.includes(requireDirectLoopback);
}

/** Adds rows to a router. */
export function addRows(router: Router, rows: readonly Row<string | RegExp>[]): void {
  for (const [method, path, guards, handler] of rows) {
    const verb = ({ GET: "get", POST: "post", ALL: "all" } as const)[method];
    router[verb](path, ...guards, handler);
  }
}

/** The pages as a router. A known path with another method is a 405. */
export function pageRouter(rows: readonly Row[]): Router {
  const router = Router();
  addRows(router, rows);
  for (const path of new Set(pathsOf(rows))) {
    const rowsOfPath = rows.filter((row) => row[1] === path);
    const methods = rowsOfPath.flatMap(([method]) => (method === "GET" ? ["GET", "HEAD"] : [method]));
    // A hidden page is hidden for every method.
    const guards = rowsOfPath.some(isHidden) ? [requireDirectLoopback] : [];
    router.all(path, ...guards, methodNotAllowed(methods));
  }
  return router;
}
